"""Putting limits into force."""

from datetime import datetime

from gamification.models import LimitSet
from gamification.versions.publishing import Comparison, publish_version


def publish_limit_set(limit_set: LimitSet, *, at: datetime, compared: Comparison | None = None) -> LimitSet:
    """As `publish_version`. Completions that are held keep the version that held them."""
    return publish_version(limit_set, at=at, compared=compared)

"""All explanations are asked for at the same moment."""

from datetime import UTC, datetime

import pytest

EXPLAIN = "/api/v1/gamification/explain"
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)

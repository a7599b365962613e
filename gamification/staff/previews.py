"""What an action of staff would do, found by doing it in a transaction that is rolled back.

A preview that computed the result by itself would forget what the action comes to do later, such as unlocking
achievements.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction
from rest_framework.exceptions import APIException

from gamification.awards.adjustments import Adjusted, adjust_xp

Result = TypeVar("Result")


@dataclass(frozen=True)
class Preview:
    """`refusal` says why the adjustment would be refused; `adjusted` is then None."""

    adjusted: Adjusted | None
    refusal: str = ""


def try_out(action: Callable[[], Result]) -> Result:
    """What `action` returns or raises, while everything that it wrote is taken back."""
    with transaction.atomic():
        result = action()
        transaction.set_rollback(True)
    return result


def preview_adjustment(**adjustment: Any) -> Preview:
    """What `adjust_xp` would do with the same arguments."""
    try:
        return Preview(try_out(lambda: adjust_xp(**adjustment)))
    except APIException as refusal:
        return Preview(None, str(refusal.detail))

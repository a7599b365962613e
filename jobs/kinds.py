"""The kinds of jobs. Each app registers its own in `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .models import Job


class JobError(Exception):
    """Raised by a portion that has no way to go on; staff read the message."""


@dataclass(frozen=True)
class JobKind:
    """`run_portion` does the next portion, as of the given moment, and returns True when nothing is left.

    It is called inside a transaction, which also saves `done`, `total` and `cursor` of the job; so it sends nothing
    out before the commit, and takes at most two seconds. `title` describes a job without a query; `outcome` says in a
    sentence what it has done so far. `permission` is needed to start, cancel and continue it.
    """

    name: str
    run_portion: Callable[[Job, datetime], bool]
    title: Callable[[Job], str]
    outcome: Callable[[Job], str]
    permission: str


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    _kinds[kind.name] = kind


def kind_named(name: str) -> JobKind | None:
    """None for a kind that the code no longer has."""
    return _kinds.get(name)


def all_kinds() -> list[JobKind]:
    return list(_kinds.values())

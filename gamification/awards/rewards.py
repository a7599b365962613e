"""What goes into a payment (`Award`) and what comes out of it (`Reward`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gamification.models import Achievement, Badge, LearnerProfile, LedgerEntry, Trust
from gamification.pricing import xp
from gamification.pricing.limits import Timing
from gamification.pricing.progression import PlayerLevel, player_level_at
from gamification.profiles.locking import limits_of, rules_of
from gamification.streaks.local_dates import local_date
from gamification.streaks.runs import Action


@dataclass(frozen=True)
class Award:
    """One completion that is to be paid, as gamification sees it.

    `reference_type` and `reference_id` name it: a reference is paid once. `subject` names what was completed; repeat
    policies sum what a subject has paid. `counts` is added to the metrics of the same names, as far as these allow;
    `firsts` are (metric, value) pairs that count once for each learner. `occurred_at` is the moment as of which it
    counts.

    Only with `timing` it is judged by the limits, and uses them up. With a `held_reason` it is held in any case. What
    does not `complete` anything keeps the streak as a check-in does: the bonus of its date is left for a completion.
    """

    reason: LedgerEntry.Reason
    reference_type: str
    reference_id: str
    subject: str
    facts: xp.Facts
    occurred_at: datetime
    trust: Trust
    counts: Mapping[str, int] = field(default_factory=dict)
    firsts: tuple[tuple[str, str], ...] = ()
    timing: Timing | None = None
    held_reason: str = ""
    completes: bool = True


@dataclass(frozen=True)
class ReviewAward:
    """The review of a question, judged by the server.

    `reviewed` is how many different questions were reviewed on its local date, with this one; `paid_before` is the XP
    that earlier reviews of that date have paid.
    """

    reference_id: str
    subject: str
    correct: bool
    occurred_at: datetime
    reviewed: int
    paid_before: int
    trust: Trust = Trust.VERIFIED


@dataclass(frozen=True)
class StreakChange:
    """The streak as of the learner's today; `action` is what the completion did to it."""

    action: Action
    current_streak: int
    longest_streak: int
    freezes_available: int


@dataclass(frozen=True)
class Reward:
    """What an award earned. `breakdown` adds up to `awarded_xp`; `new_total_xp` is the balance after all `entries`.

    With a `held_reason` (a code, see `pricing.limits`) it earns nothing until staff release it. `limit_version` is the
    version of the limits that held it. `counted` says what counted of metrics that a daily limit has cut.
    """

    awarded_xp: int
    new_total_xp: int
    breakdown: xp.Breakdown
    before: PlayerLevel
    after: PlayerLevel
    entries: list[LedgerEntry]
    trust: Trust
    streak: StreakChange | None = None
    unlocked_achievements: list[Achievement] = field(default_factory=list)
    unlocked_badges: list[Badge] = field(default_factory=list)
    held_reason: str = ""
    limit_version: int | None = None
    counted: Mapping[str, int] | None = None

    @property
    def total_awarded_xp(self) -> int:
        return sum(entry.delta for entry in self.entries)

    @property
    def level_up(self) -> bool:
        return self.after.level > self.before.level


def no_reward(profile: LearnerProfile, trust: Trust, held_reason: str) -> Reward:
    """The reward of a held completion, which earns nothing until it is released."""
    level = player_level_at(profile.total_xp, rules_of(profile))
    return Reward(
        awarded_xp=0,
        new_total_xp=profile.total_xp,
        breakdown=[],
        before=level,
        after=level,
        entries=[],
        trust=trust,
        held_reason=held_reason,
        limit_version=limits_of(profile).version,
    )


def streak_change(profile: LearnerProfile, action: Action, at: datetime) -> StreakChange:
    current = profile.current_streak(local_date(profile, at))
    return StreakChange(action, current, profile.longest_streak, profile.freezes_available)

"""The streak card: the length and state of the streak, its message, and what can be done today."""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from gamification.awards import check_in, profile_of, protect_today
from gamification.errors import NoFreezesLeft, NoStreak
from gamification.models import LearnerProfile
from gamification.streaks import DayStatus, StreakStatus, streak_status

from . import labels, sentences
from .access import for_learners, rate_limited
from .notifications import notify_unlocks

# Days from which the flame is one step hotter: gold, amber, orange, ember, red.
HEATS = (1, 3, 7, 14, 30)
# What a check-in may do that is celebrated: the streak has grown.
GAINS = ("started", "increased", "frozen")


@dataclass(frozen=True)
class StreakCard:
    profile: LearnerProfile
    status: StreakStatus

    @property
    def today(self) -> DayStatus:
        return self.status.days[-1].status

    @property
    def heat(self) -> int:
        """0 for no flame, to 5."""
        return bisect_right(HEATS, self.status.current_streak)

    @property
    def missed(self) -> int:
        """Days before today that need a freeze each to keep the streak."""
        days = self.status.days[:-1] if self.status.at_risk else []
        return sum(day.status == DayStatus.MISSED and day.date > self.profile.last_day for day in days)

    @property
    def state(self) -> str:
        if not self.status.total_active_days:
            return "new"
        if not self.status.current_streak:
            return "broken"
        if self.status.at_risk:
            return "rescue" if self.missed else "at_risk"
        return "alive" if self.today == DayStatus.ACTIVE else self.today.value

    @property
    def line(self) -> str:
        return sentences.streak_line(
            self.state,
            days=self.status.current_streak,
            last_run=self.profile.streak_run,
            longest=self.status.longest_streak,
            missed=self.missed,
            to_freeze=self._days_to_freeze,
        )

    @property
    def _days_to_freeze(self) -> int | None:
        if self.status.freezes_available >= settings.STREAK_FREEZES_AT_MOST:
            return None
        every = settings.STREAK_DAYS_FOR_A_FREEZE
        return every - self.status.current_streak % every

    @property
    def freezes(self) -> list[bool]:
        """One item for each freeze that a learner can hold: True where there is one."""
        most = max(settings.STREAK_FREEZES_AT_MOST, self.status.freezes_available)
        return [number < self.status.freezes_available for number in range(most)]

    @property
    def freeze_cost(self) -> int:
        return self.missed + 1

    @property
    def freeze_refusal(self) -> str:
        """A key of labels.FREEZE_REFUSALS; empty where today can be frozen."""
        if self.today == DayStatus.ACTIVE:
            return "active_already"
        if self.today != DayStatus.NONE:
            return "protected_already"
        if not self.status.current_streak:
            return "nothing_to_protect"
        if not self.status.freezes_available:
            return "none_left"
        return "not_enough" if self.freeze_cost > self.status.freezes_available else ""

    @property
    def summary(self) -> str:
        counts = Counter(dict.fromkeys(labels.DAYS, 0))
        counts.update(day.status.value for day in self.status.days)
        return sentences.strip_text(counts)

    @property
    def strip(self) -> list[tuple]:
        """(day, whether it continues the streak of the day before)."""
        standing = [day.status not in (DayStatus.MISSED, DayStatus.NONE) for day in self.status.days]
        tied = [False, *(mine and before for before, mine in pairwise(standing))]
        return list(zip(self.status.days, tied, strict=True))


def streak_card(profile: LearnerProfile, *, at: datetime) -> StreakCard:
    """One statement more than the profile."""
    return StreakCard(profile, streak_status(profile, at=at))


@require_POST
@for_learners
@rate_limited("write")
def check_in_today(request) -> HttpResponse:
    at = timezone.now()
    checked = check_in(request.user.pk, at=at)
    days = streak_status(checked.profile, at=at).current_streak
    kind = "streak" if checked.action in GAINS else "note"
    messages.success(request, sentences.streak_action_text(checked.action, days), extra_tags=f"{kind} common bi-fire")
    notify_unlocks(request, checked.earned)
    return redirect("dashboard")


@require_POST
@for_learners
@rate_limited("write")
def freeze_today(request) -> HttpResponse:
    at = timezone.now()
    card = streak_card(profile_of(request.user), at=at)
    try:
        if card.freeze_refusal:
            messages.warning(request, labels.FREEZE_REFUSALS[card.freeze_refusal], extra_tags="note common bi-snow")
        else:
            protect_today(request.user.pk, at=at)
            messages.success(
                request, sentences.frozen_text(card.status.current_streak), extra_tags="note common bi-snow"
            )
    except (NoFreezesLeft, NoStreak) as refused:
        # Another device used the freezes, or the streak ended, since the card was read.
        reason = {"no_streak": "nothing_to_protect"}.get(refused.get_codes(), "none_left")
        messages.warning(request, labels.FREEZE_REFUSALS[reason], extra_tags="note common bi-snow")
    return redirect("dashboard")

"""The learner's achievements and badges: what is unlocked, and how far it is to the others."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import groupby

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from gamification.awards import profile_of, published_rules
from gamification.conditions import Progress, leaf_of, progress
from gamification.earnables import Values, percent_of, rarity_now, values_of
from gamification.models import Achievement, Badge, HolderCounts, Unlock

from . import labels, sentences
from .access import for_learners
from .forms import AchievementsForm


@dataclass(frozen=True)
class Card:
    """One achievement as its learner sees it. The page reveals nothing about a secret one."""

    achievement: Achievement
    progress: Progress
    percent_of_learners: float | None = None

    @property
    def state(self) -> str:
        return "unlocked" if self.unlocked_at else "locked"

    @property
    def unlocked_at(self) -> datetime | None:
        return self.achievement.unlocked_at

    @property
    def is_secret(self) -> bool:
        return self.achievement.is_secret

    @property
    def is_taken_back(self) -> bool:
        return self.achievement.taken_back

    @property
    def is_open(self) -> bool:
        """Can be worked on, and the learner may know what it is."""
        return not (self.unlocked_at or self.is_secret or self.is_taken_back)

    @property
    def metric(self) -> str:
        """What its numbers count; empty for conditions of several parts."""
        condition = self.achievement.shown_condition
        return "" if condition.keys() & {"all", "any"} else leaf_of(condition).metric

    @property
    def current_text(self) -> str:
        return sentences.amount_text(self.metric, self.progress.current)

    @property
    def target_text(self) -> str:
        return sentences.amount_text(self.metric, self.progress.target)


@dataclass(frozen=True)
class Group:
    title: str
    text: str
    cards: list[Card]

    @property
    def unlocked(self) -> int:
        return sum(card.state == "unlocked" for card in self.cards)


def cards_of(learner, values: Values, counts: HolderCounts | None = None) -> list[Card]:
    """In the catalogue's order; one statement."""
    gone = Unlock.objects.filter(learner=learner, achievement=OuterRef("pk"), revoked_at__isnull=False)
    rows = Achievement.objects.shown_to(learner).annotate(taken_back=Exists(gone))
    return [
        Card(row, progress(row.shown_condition, values), percent_of(counts, row) if counts else None) for row in rows
    ]


def nearest(cards: list[Card], count: int) -> list[Card]:
    """Those that are most nearly earned. One step of one is nearer than one step of ten, also before the first."""

    def share(card: Card) -> Fraction:
        return Fraction(card.progress.current + 1, card.progress.target + 1)

    return sorted((card for card in cards if card.is_open), key=share, reverse=True)[:count]


def latest(cards: list[Card], count: int) -> list[Card]:
    """Newest first; of those of one moment, the ones that come later in the catalogue."""
    unlocked = [card for card in cards if card.unlocked_at]
    return sorted(unlocked, key=lambda card: (card.unlocked_at, card.achievement.position), reverse=True)[:count]


def arrange(cards: list[Card]) -> list[Group]:
    """Categories in the order of `labels.ACHIEVEMENT_CATEGORIES`; unknown ones come last."""
    order = list(labels.ACHIEVEMENT_CATEGORIES)

    def place(card: Card) -> tuple:
        name = card.achievement.category
        return order.index(name) if name in order else len(order), name

    groups = groupby(sorted(cards, key=place), key=lambda card: card.achievement.category)
    return [Group(*labels.achievement_category(name), list(group)) for name, group in groups]


@require_safe
@for_learners
def achievements(request) -> HttpResponse:
    at = timezone.now()
    profile = profile_of(request.user)
    cards = cards_of(request.user, values_of(profile, published_rules(), at), rarity_now(at))
    form = AchievementsForm(request.GET or None, categories={card.achievement.category for card in cards})
    shown = [card for card in cards if form.lets_through(card)]
    return render(
        request,
        "pages/achievements.html",
        {
            "profile": profile,
            "form": form,
            "filtered": any(form.data.values()),
            "groups": arrange(shown),
            "unlocked": sum(card.state == "unlocked" for card in cards),
            "total": len(cards),
            "percent": sum(card.state == "unlocked" for card in cards) * 100 // len(cards) if cards else 0,
            "badges": badges_of(request.user),
        },
    )


def badges_of(learner) -> list[Badge]:
    """Drafts stay out, also for those who edit them; one statement."""
    return [badge for badge in Badge.objects.shown_to(learner) if badge.published or badge.awarded_at]

"""The learner's ledger entries, each with what it was about and why it has its amount."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gamification.awards import profile_of
from gamification.models import Achievement, LedgerEntry
from tracking.explanations.held_results import held_results_of
from tracking.models import Completion

from . import labels, sentences
from .access import for_learners
from .forms import HistoryForm

LINES_ON_PAGE = 25
MAX_SEQUENCE = 2**63 - 1


@dataclass(frozen=True)
class Part:
    text: str
    value: int


@dataclass(frozen=True)
class Line:
    """A reversal is about what it took back."""

    entry: LedgerEntry
    completion: Completion | None = None
    achievement: Achievement | None = None

    @property
    def parts(self) -> list[Part]:
        """The breakdown in plain language; the values add up to the line's XP."""
        breakdown = self.entry.metadata.get("breakdown", [])
        return [Part(self._factor_text(part["factor"]), part["value"]) for part in breakdown]

    @property
    def subject(self) -> str:
        """What it was about, where that has a name."""
        if self.completion:
            return self.completion.level.shown.name
        if self.achievement:
            return self.achievement.shown.name
        if self.streak_day and not self.entry.reversal_of_id:
            return sentences.streak_day_title(self.streak_day)
        return ""

    @property
    def icon(self) -> str:
        if self.completion:
            return self.completion.level.icon
        return self.achievement.icon if self.achievement else labels.REASONS[self.entry.reason][1]

    @property
    def streak_day(self) -> int | None:
        return self.entry.metadata.get("streak") if self.entry.reason == LedgerEntry.Reason.STREAK_BONUS else None

    def _factor_text(self, factor: str) -> str:
        if factor == "streak_bonus" and self.streak_day:
            return sentences.streak_day_text(self.streak_day)
        if factor != "difficulty" or not self.completion:
            return labels.factor_label(factor)
        difficulty = self.completion.difficulty
        return labels.difficulty_factor_label(difficulty, self.entry.rule_set.rules["multipliers"][difficulty])


@dataclass(frozen=True)
class Page:
    """`older` and `newer` are the sequences from which the next pages go on; None at the ends."""

    lines: list[Line]
    older: int | None
    newer: int | None


def recent_lines(learner, count: int, known: list[Achievement] | None = None) -> list[Line]:
    """Newest first, in two statements, with `known` achievements; else three."""
    return _lines_of(learner, list(_ledger(learner).newest_first()[:count]), known)


def page_of_lines(learner, reason: str, *, before: int | None, after: int | None) -> Page:
    """Newest first: those before a line of the ledger, or those after it, or the newest. Three statements."""
    entries = _ledger(learner).filter(reason=reason) if reason else _ledger(learner)
    if after is not None:
        rows = list(entries.filter(sequence__gt=after).order_by("sequence")[: LINES_ON_PAGE + 1])
        has_newer, has_older = len(rows) > LINES_ON_PAGE, True
        rows = rows[:LINES_ON_PAGE][::-1]
    else:
        entries = entries if before is None else entries.filter(sequence__lt=before)
        rows = list(entries.newest_first()[: LINES_ON_PAGE + 1])
        has_newer, has_older = before is not None, len(rows) > LINES_ON_PAGE
        rows = rows[:LINES_ON_PAGE]
    older = rows[-1].sequence if rows and has_older else None
    newer = rows[0].sequence if rows and has_newer else None
    return Page(_lines_of(learner, rows), older, newer)


@require_safe
@for_learners
def history(request) -> HttpResponse:
    form = HistoryForm({"reason": request.GET.get("reason", "")})
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    before, after = (_sequence(request.GET.get(name)) for name in ("before", "after"))
    page = page_of_lines(request.user, reason, before=before, after=after)
    profile = profile_of(request.user)
    held = held_results_of(profile) if page.newer is None and not reason else []
    context = {"form": form, "reason": reason, "page": page, "profile": profile, "held_results": held}
    return render(request, "pages/history.html", context)


def _sequence(text: str | None) -> int | None:
    """None for anything that is not a sequence number; then the newest lines are shown."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > len(str(MAX_SEQUENCE)):
        return None
    return min(int(text), MAX_SEQUENCE)


def _ledger(learner) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(learner=learner).select_related("rule_set")


def _lines_of(learner, entries: list[LedgerEntry], known: list[Achievement] | None = None) -> list[Line]:
    completions = _completions(learner, [_reference(entry, "completion") for entry in entries])
    names = [_reference(entry, LedgerEntry.ACHIEVEMENT_REFERENCE) for entry in entries]
    achievements = _achievements(names) if known is None else {each.achievement_id: each for each in known}
    return [
        Line(entry, completions.get(_reference(entry, "completion")), achievements.get(name))
        for entry, name in zip(entries, names, strict=True)
    ]


def _reference(entry: LedgerEntry, kind: str) -> str | None:
    return entry.reference_id if entry.reference_type == kind else None


def _completions(learner, references: list) -> dict[str, Completion]:
    keys = [int(reference) for reference in references if reference]
    found = Completion.objects.filter(learner=learner).select_related("level").in_bulk(keys)
    return {str(key): completion for key, completion in found.items()}


def _achievements(names: list) -> dict[str, Achievement]:
    return {each.achievement_id: each for each in Achievement.objects.filter(achievement_id__in=filter(None, names))}

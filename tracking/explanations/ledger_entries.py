"""Explanation of ledger entries: facts, numbers and one sentence each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from gamification.explanations import FACTOR_WORDS, duration, listed, on_date
from gamification.models import Achievement, LearnerProfile, LedgerEntry
from gamification.streaks import local_date
from levels.choices import DIFFICULTY_WORDS, Difficulty
from levels.models import Level, Question
from levels.questions.markdown import to_text
from tracking.models import Completion

from .recalculations import describe_recalculation, level_counted_anew

Reason = LedgerEntry.Reason
# What was paid for, where nothing in particular is known of it any more.
WORDS = {
    Reason.SESSION_COMPLETION: later("session completion"),
    Reason.LEVEL_COMPLETION: later("level completion"),
    Reason.ATTEMPT_PASSED: later("attempt passed"),
    Reason.TRAINING_PROGRESS: later("training progress"),
    Reason.METRIC: later("metric"),
    Reason.ACHIEVEMENT: later("achievement"),
    Reason.REVERSAL: later("reversal"),
    Reason.MANUAL_ADJUSTMENT: later("manual adjustment"),
    Reason.RECALCULATION: later("recalculation"),
    Reason.IMPORT: later("import"),
}


@dataclass(frozen=True)
class Part:
    """One factor of the breakdown, and what it stands for."""

    factor: str
    value: int
    why: str


@dataclass(frozen=True)
class Subject:
    """What an entry was paid for, where there is still a row for it."""

    completion: Completion | None = None
    achievement: Achievement | None = None
    question: Question | None = None
    level: Level | None = None  # of what was counted anew


@dataclass(frozen=True)
class EntryExplanation:
    """For a reversal, `completion` and `achievement` are those of the entry that it reverses."""

    entry: LedgerEntry
    completion: Completion | None
    achievement: Achievement | None
    parts: list[Part]
    why: str

    @property
    def reversed_by(self) -> LedgerEntry | None:
        return getattr(self.entry, "reversed_by", None)


def find_entry(learner, entry_id: int) -> LedgerEntry | None:
    mine = LedgerEntry.objects.filter(learner=learner)
    return mine.select_related("rule_set", "reversal_of__rule_set", "reversed_by").filter(pk=entry_id).first()


def explain_entry(profile: LearnerProfile, entry: LedgerEntry) -> EntryExplanation:
    """Runs one query more if the entry was paid for a completion, an achievement or a question."""
    return explain_entries(profile, [entry])[0]


def explain_entries(profile: LearnerProfile, entries: Sequence[LedgerEntry]) -> list[EntryExplanation]:
    """Of one learner, as `find_entry` selects them; at most four queries more, whatever their number."""
    subjects = _subjects_of([entry.reversal_of or entry for entry in entries])
    return [_explain(profile, entry, subject) for entry, subject in zip(entries, subjects, strict=True)]


def _explain(profile: LearnerProfile, entry: LedgerEntry, subject: Subject) -> EntryExplanation:
    paid = entry.reversal_of or entry  # the entry that paid the XP
    parts = [
        Part(factor["factor"], factor["value"], _why(factor["factor"], paid, subject))
        for factor in entry.metadata.get("breakdown", [])
    ]
    if entry.reversal_of:
        got_on = on_date(local_date(profile, paid.effective_at))
        sentence = _describe_reversal(paid, got_on, subject) + _stated_reason(entry)
    else:
        sentence = _describe_entry(entry, parts, subject) + _decisions(profile, entry, subject.completion)
    return EntryExplanation(entry, subject.completion, subject.achievement, parts, f"{sentence}.")


def _subjects_of(paid: Sequence[LedgerEntry]) -> list[Subject]:
    keys = [completion_paid_by(entry) for entry in paid]
    names = [_achievement_paid_by(entry) for entry in paid]
    numbers = [_question_paid_by(entry) for entry in paid]
    levels = [level_counted_anew(entry) for entry in paid]
    completions = Completion.objects.select_related("level").filter(learner__in={entry.learner_id for entry in paid})
    by_key = completions.in_bulk(list(filter(None, keys)))
    by_name = Achievement.objects.in_bulk(list(filter(None, names)), field_name="achievement_id")
    by_number = Question.objects.in_bulk(list(filter(None, numbers)))
    by_level = Level.objects.in_bulk(list(filter(None, levels)))
    return [
        Subject(by_key.get(key), by_name.get(name), by_number.get(number), by_level.get(level))
        for key, name, number, level in zip(keys, names, numbers, levels, strict=True)
    ]


def _decisions(profile: LearnerProfile, entry: LedgerEntry, completion: Completion | None) -> str:
    """What staff decided about it before and after it was paid."""
    words = ""
    if completion and completion.was_released:
        words += _("; our staff released it on %(day)s") % {"day": on_date(local_date(profile, completion.decided_at))}
    if taken_back := getattr(entry, "reversed_by", None):
        words += _("; taken back on %(day)s") % {"day": on_date(local_date(profile, taken_back.created_at))}
    return words


def completion_paid_by(entry: LedgerEntry) -> int | None:
    """Its key; a merge of accounts corrects what was paid for one, and names it in the metadata."""
    if entry.reference_type != "completion":
        return None
    reference: str = entry.metadata.get("corrects", entry.reference_id)
    key = reference.partition(".")[0]
    return int(key) if key.isdecimal() else None


def _achievement_paid_by(entry: LedgerEntry) -> str | None:
    return entry.reference_id if entry.reference_type == LedgerEntry.ACHIEVEMENT_REFERENCE else None


def _question_paid_by(entry: LedgerEntry) -> int | None:
    return int(entry.subject.partition(":")[2]) if entry.reason == Reason.REVIEW else None


def _describe_entry(entry: LedgerEntry, parts: list[Part], subject: Subject) -> str:
    if entry.reason == Reason.RECALCULATION and "corrects" not in entry.metadata:
        return describe_recalculation(entry, subject.level)
    if words := _words_by_reason(entry):
        stated = _stated_reason(entry) if entry.reason == Reason.MANUAL_ADJUSTMENT else ""
        return words % {"xp": abs(entry.delta), "version": entry.rule_set_id, "line": entry.sequence} + stated
    if entry.reason == Reason.STREAK_BONUS:
        return _describe_streak_bonus(entry)
    what = f"{_what(entry, subject)}{_right_answers(subject.completion)}"
    sentence = _("You got %(xp)s XP for %(what)s") % {"xp": abs(entry.delta), "what": what}
    return f"{sentence}: {listed(map(_part, parts))}" if subject.completion and parts else sentence


def _describe_streak_bonus(entry: LedgerEntry) -> str:
    reviews = entry.metadata.get("reviews")  # how many made the day, by the rules in force then
    day, what = on_date(date.fromisoformat(entry.reference_id)), _what(entry, Subject())
    values = {"xp": abs(entry.delta), "what": what, "day": day, "reviews": reviews}
    if reviews is None:
        return _("You got %(xp)s XP for %(what)s, with the first completion on %(day)s") % values
    words = ngettext(
        "You got %(xp)s XP for %(what)s, made by practising %(reviews)s question on %(day)s",
        "You got %(xp)s XP for %(what)s, made by practising %(reviews)s questions on %(day)s",
        reviews,
    )
    return words % values


def _words_by_reason(entry: LedgerEntry) -> str:
    """Of an entry that was paid for nothing in particular; empty of others."""
    gained = entry.delta > 0
    match entry.reason:
        case Reason.MANUAL_ADJUSTMENT:
            return _("Our staff gave you %(xp)s XP") if gained else _("Our staff took %(xp)s XP from you")
        case Reason.RECALCULATION:
            adds = _("What you did as a guest was merged into this account; counted as one, this adds %(xp)s XP")
            takes = _("What you did as a guest was merged into this account; counted as one, this takes off %(xp)s XP")
            return adds if gained else takes
        case Reason.CARRIED_FORWARD:
            return _("Your history up to line %(line)s is in the archive; it added up to %(xp)s XP")
        case Reason.IMPORT:
            return _("You brought %(xp)s XP along from elsewhere")
    return ""


def _right_answers(completion: Completion | None) -> str:
    return f" ({completion.right_answers})" if completion and completion.right_answers else ""


def _describe_reversal(paid: LedgerEntry, got_on: str, subject: Subject) -> str:
    if paid.delta < 0:
        words = _("%(xp)s XP that our staff took from you on %(day)s were given back")
        return words % {"xp": -paid.delta, "day": got_on}
    values = {"xp": paid.delta, "day": got_on, "what": _what(paid, subject)}
    return _("%(xp)s XP that you got on %(day)s for %(what)s were taken back") % values


def _what(paid: LedgerEntry, subject: Subject) -> str:
    if subject.completion:
        return f"“{subject.completion.level.shown.name}”"
    if subject.achievement:
        return _("the achievement “%(name)s”") % {"name": subject.achievement.shown.name}
    if paid.reason == Reason.REVIEW:
        words = _("your right answer to the question “%(question)s”, while practising")
        return words % {"question": _prompt_of(subject.question)}
    if paid.reason == Reason.STREAK_BONUS:
        return _("day %(number)s of your streak") % {"number": paid.metadata.get("streak")}
    return f"“{paid.stated_reason}”" if paid.stated_reason else str(WORDS[paid.reason])


def _prompt_of(question: Question | None) -> str:
    """Its first line; empty of a question that was deleted."""
    return to_text(question.translated("prompt") if question else "").partition("\n")[0]


def _stated_reason(entry: LedgerEntry) -> str:
    return f": {entry.stated_reason.rstrip('.')}" if entry.stated_reason else ""


def _part(part: Part) -> str:
    if part.value > 0:
        return f"{part.value} {part.why}"
    return _("%(xp)s less %(why)s") % {"xp": -part.value, "why": part.why}


def _why(factor: str, paid: LedgerEntry, subject: Subject) -> str:
    """What a factor stands for, to be read after its number."""
    completion = subject.completion
    if completion and factor == "score":
        return ngettext("for %(points)s point", "for %(points)s points", completion.score) % {
            "points": completion.score
        }
    if completion and factor == "speed_bonus":
        return _("for finishing in only %(time)s") % {"time": duration(completion.time_spent)}
    if completion and factor == "difficulty":
        multiplier = paid.rule_set.rules["multipliers"][completion.difficulty]
        values = {"difficulty": DIFFICULTY_WORDS[Difficulty(completion.difficulty)], "multiplier": multiplier}
        return _("for the difficulty %(difficulty)s (× %(multiplier)s)") % values  # noqa: RUF001 - xgettext reads no escapes
    if completion and factor in FACTOR_WORDS:
        return str(FACTOR_WORDS[factor])
    return _("for %(what)s") % {"what": _what(paid, subject)}

"""Explanation of a ledger entry: facts, numbers and one sentence."""

from dataclasses import dataclass
from datetime import date

from gamification.explanations import FACTOR_WORDS, duration, listed, on_date
from gamification.models import Achievement, LearnerProfile, LedgerEntry
from gamification.streaks import local_date
from levels.models import Question
from levels.questions.markdown import to_text
from tracking.models import Completion

Reason = LedgerEntry.Reason


@dataclass(frozen=True)
class Part:
    """One factor of the breakdown, and what it stands for."""

    factor: str
    value: int
    why: str


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
    """Runs one query more if the entry was paid for a completion or an achievement."""
    paid = entry.reversal_of or entry  # the entry that paid the XP
    completion, achievement = _completion_of(paid), _achievement_of(paid)
    parts = [
        Part(factor["factor"], factor["value"], _why(factor["factor"], paid, completion, achievement))
        for factor in entry.metadata.get("breakdown", [])
    ]
    sentence = _describe_entry(entry, parts, completion, achievement)
    if entry.reversal_of:
        got_on = on_date(local_date(profile, paid.effective_at))
        sentence = _describe_reversal(paid, got_on, completion, achievement) + _stated_reason(entry)
    else:
        sentence += _decisions(profile, entry, completion)
    return EntryExplanation(entry, completion, achievement, parts, f"{sentence}.")


def _decisions(profile: LearnerProfile, entry: LedgerEntry, completion: Completion | None) -> str:
    """What staff decided about it before and after it was paid."""
    words = ""
    if completion and completion.was_released:
        words += f"; our staff released it on {on_date(local_date(profile, completion.decided_at))}"
    if taken_back := getattr(entry, "reversed_by", None):
        words += f"; taken back on {on_date(local_date(profile, taken_back.created_at))}"
    return words


def _completion_of(paid: LedgerEntry) -> Completion | None:
    key = completion_paid_by(paid)
    if key is None:
        return None
    return Completion.objects.select_related("level").filter(pk=key, learner=paid.learner_id).first()


def completion_paid_by(entry: LedgerEntry) -> int | None:
    """Its key; a merge of accounts corrects what was paid for one, and names it in the metadata."""
    if entry.reference_type != "completion":
        return None
    reference: str = entry.metadata.get("corrects", entry.reference_id)
    key = reference.partition(".")[0]
    return int(key) if key.isdecimal() else None


def _achievement_of(paid: LedgerEntry) -> Achievement | None:
    if paid.reference_type != LedgerEntry.ACHIEVEMENT_REFERENCE:
        return None
    return Achievement.objects.filter(achievement_id=paid.reference_id).first()


def _describe_entry(
    entry: LedgerEntry, parts: list[Part], completion: Completion | None, achievement: Achievement | None
) -> str:
    amount = abs(entry.delta)
    match entry.reason:
        case Reason.MANUAL_ADJUSTMENT:
            did = f"gave you {amount} XP" if entry.delta > 0 else f"took {amount} XP from you"
            return f"Our staff {did}{_stated_reason(entry)}"
        case Reason.RECALCULATION if "corrects" in entry.metadata:
            did = "adds" if entry.delta > 0 else "takes off"
            return f"What you did as a guest was merged into this account; counted as one, this {did} {amount} XP"
        case Reason.RECALCULATION:
            did = "added" if entry.delta > 0 else "took off"
            return f"Your XP was counted anew by version {entry.rule_set_id} of the rules, which {did} {amount} XP"
        case Reason.CARRIED_FORWARD:
            return f"Your history up to line {entry.sequence} is in the archive; it added up to {amount} XP"
        case Reason.IMPORT:
            return f"You brought {amount} XP along from elsewhere"
        case Reason.STREAK_BONUS:
            first = on_date(date.fromisoformat(entry.reference_id))
            return f"You got {amount} XP for {_what(entry, None, None)}, with the first completion on {first}"
    sentence = f"You got {amount} XP for {_what(entry, completion, achievement)}{_right_answers(completion)}"
    return f"{sentence}: {listed(map(_part, parts))}" if completion and parts else sentence


def _right_answers(completion: Completion | None) -> str:
    return f" ({completion.right_answers})" if completion and completion.right_answers else ""


def _describe_reversal(
    paid: LedgerEntry, got_on: str, completion: Completion | None, achievement: Achievement | None
) -> str:
    if paid.delta < 0:
        return f"{-paid.delta} XP that our staff took from you on {got_on} were given back"
    return f"{paid.delta} XP that you got on {got_on} for {_what(paid, completion, achievement)} were taken back"


def _what(paid: LedgerEntry, completion: Completion | None, achievement: Achievement | None) -> str:
    if completion:
        return f"“{completion.level.shown.name}”"
    if achievement:
        return f"the achievement “{achievement.shown.name}”"
    if paid.reason == Reason.REVIEW:
        return f"your right answer to the question “{_question_of(paid)}”, while practising"
    if paid.reason == Reason.STREAK_BONUS:
        return f"day {paid.metadata.get('streak')} of your streak"
    return f"“{paid.stated_reason}”" if paid.stated_reason else paid.get_reason_display().lower()


def _question_of(paid: LedgerEntry) -> str:
    question = Question.objects.filter(pk=int(paid.subject.partition(":")[2])).first()
    return to_text(question.translated("prompt") if question else "").partition("\n")[0]


def _stated_reason(entry: LedgerEntry) -> str:
    return f": {entry.stated_reason.rstrip('.')}" if entry.stated_reason else ""


def _part(part: Part) -> str:
    return f"{part.value} {part.why}" if part.value > 0 else f"{-part.value} less {part.why}"


def _why(factor: str, paid: LedgerEntry, completion: Completion | None, achievement: Achievement | None) -> str:
    """What a factor stands for, to be read after its number."""
    if completion and factor == "score":
        return f"for {completion.score} points"
    if completion and factor == "speed_bonus":
        return f"for finishing in only {duration(completion.time_spent)}"
    if completion and factor == "difficulty":
        multiplier = paid.rule_set.rules["multipliers"][completion.difficulty]
        return f"for the difficulty {completion.difficulty.replace('_', ' ')} (\u00d7 {multiplier})"
    if completion and factor in FACTOR_WORDS:
        return str(FACTOR_WORDS[factor])
    return f"for {_what(paid, completion, achievement)}"

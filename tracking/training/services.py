"""Training: levels in sections and units, passed by right answers."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ValidationError

from gamification.awards import award_batch
from gamification.models import LedgerEntry
from hotsql.writes import insert_rows
from levels.choices import Kind
from levels.errors import LevelNotFound, SectionNotFound
from levels.models import Level, Section, Unit
from tracking.idempotency.transactions import recording_transaction
from tracking.models import Completion
from tracking.progress.levels import LevelProgress, LevelStatus, progress_of
from tracking.recording.admission import Access, access_to, find_level, learner_refusal, score_refusal, verified_refusal
from tracking.recording.answers import level_answer, reward_of
from tracking.recording.completions import Claim, find_duplicate, pay, record
from tracking.recording.limits import timing_of
from tracking.recording.trust import LEARNER, Reporter

# The level of a result was available, so it is never locked.
STATUSES = [LevelStatus.COMPLETED.value, LevelStatus.UNLOCKED.value]


@dataclass(frozen=True)
class Result:
    """What a client says came of one training level. `time_spent` is in seconds; None means unknown."""

    level: int | str
    score: int
    total_questions: int
    correct_answers: int
    time_spent: int | None


@dataclass(frozen=True)
class UnitPath:
    unit: Unit
    levels: list[LevelProgress]


@dataclass(frozen=True)
class SectionPath:
    section: Section
    units: list[UnitPath]


def path_of(learner, category: str) -> SectionPath:
    """The training levels of a category, unit by unit, and how far the learner is. Raise SectionNotFound."""
    levels = Level.objects.visible().training().filter(category=category).in_unit_order()
    by_unit = defaultdict(list)
    for progress in progress_of(learner, levels):
        by_unit[progress.level.unit].append(progress)
    section = Section.objects.filter(section_id=category).first()
    if not (section or by_unit):
        raise SectionNotFound
    units = [UnitPath(unit, by_unit[unit.unit_id]) for unit in _units_of(category, by_unit)]
    return SectionPath(section or Section(section_id=category, title=category), units)


def submit_training(*, learner, result: Result, source: str, at: datetime, reporter: Reporter = LEARNER) -> dict:
    """Record a result and pay it once; the same result within settings.DUPLICATE_WINDOW is a repeat.

    Raise LevelNotFound, TrackingDisabled, LevelLocked, VerifiedOnly, ScoreTooHigh or ValidationError, in this order.
    """
    with recording_transaction():
        level = find_level(learner, result.level)
        access = access_to(learner, level)
        if refusal := _refusal(learner, level, result, access, reporter):
            raise refusal
        completion = _record(learner, level, result, source, at, reporter)
        completion.held_reason = access.held_reason
        with award_batch(learner.pk, at=at, moment=at) as batch:
            # Other answers with the same score are another result.
            if duplicate := find_duplicate(completion, metadata=completion.metadata):
                return _answer(duplicate, level)
            insert_rows([completion])
            pay(completion, batch, level_answer, timing_of(completion, level))
        return _answer(completion, level)


def _units_of(category: str, names) -> list[Unit]:
    """Those that the catalogue knows, in their order; then those that only levels name."""
    units = {unit.unit_id: unit for unit in Unit.objects.filter(section__section_id=category)}
    for name in names:
        units.setdefault(name, Unit(unit_id=name, title=name, order=len(units) + 1))
    return list(units.values())


def _refusal(learner, level: Level | None, result: Result, access: Access, reporter: Reporter) -> APIException | None:
    if level is None or not level.published or level.kind != Kind.TRAINING:
        return LevelNotFound()
    return (
        learner_refusal(learner)
        or access.refusal
        or verified_refusal(level, reporter)
        or score_refusal(level, result.score)
        or _answers_refusal(level, result)
    )


def _answers_refusal(level: Level, result: Result) -> APIException | None:
    expected = level.metadata.get("total_questions", result.total_questions)
    if result.total_questions != expected:
        return ValidationError({"total_questions": _("This level has %(expected)s.") % {"expected": expected}})
    if result.correct_answers > result.total_questions:
        return ValidationError(
            {
                "correct_answers": _("Must be between 0 and %(total_questions)s.")
                % {"total_questions": result.total_questions}
            }
        )
    return None


def _record(learner, level: Level, result: Result, source: str, at: datetime, reporter: Reporter) -> Completion:
    answers = {"correct_answers": result.correct_answers, "total_questions": result.total_questions}
    claim = Claim(level.pk, result.score, result.time_spent, metadata=answers)
    origin = {"source": source, "reason": LedgerEntry.Reason.TRAINING_PROGRESS, "reporter": reporter}
    completion = record(learner, level, claim, rules=level, at=at, **origin)
    completion.passed = level.passes_with(result.score, correct_answers=result.correct_answers)
    return completion


def _answer(completion: Completion, level: Level) -> dict:
    """Status and next level are those of now: what was passed before stays passed."""
    is_completed = Completion.objects.passed_levels(completion.learner_id).filter(level=level).exists()
    following = Level.objects.visible().training().after(level).first() if is_completed else None
    answer = completion.given_answer
    return {
        "level_id": level.level_id,
        "status": LevelStatus.COMPLETED if is_completed else LevelStatus.UNLOCKED,
        "score": completion.score,
        **completion.metadata,
        "xp_earned": answer["awarded_xp"],
        "total_xp": answer["new_total_xp"],
        "next_level_id": following and following.level_id,
        **reward_of(answer),
    }

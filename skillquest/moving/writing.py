"""Writing what was accepted: one statement for each kind of row, however many rows a portion has.

The profiles are locked. What is derived from the rows, the streak and the metrics, follows in `finishing`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from gamification.awards import NewEntry, append_entries, published_rules, save_totals
from gamification.models import (
    ActivityDay,
    BadgeAward,
    DayKind,
    FreezeEvent,
    LearnerProfile,
    LedgerEntry,
    TimeZoneChange,
    Trust,
    Unlock,
)
from gamification.streaks import load_zone_changes, local_date
from hotsql.writes import insert_absent, insert_rows
from tracking.models import Completion, LearningSession, MetricEvent
from tracking.recording.completions import subject_of
from tracking.recording.counting import study_seconds

from .answers import Answers
from .known import Known
from .models import ImportedRow, StaleTotals
from .paying import pay
from .records import Record

REFERENCE = "import"  # type of the reference of ledger entries
# What a portion changes of profiles; the rest is derived again.
CHANGED = (*LearnerProfile.TOTALS_OF_LEDGER, "first_freezes", "dated_until", "time_zone_since")


@dataclass
class Writer:
    """Writes the accepted records of one portion, except those of the kind learner."""

    known: Known
    pays: bool = False
    paid: int = 0
    entries: dict[int, list[NewEntry]] = field(default_factory=lambda: defaultdict(list))
    days: dict[tuple[int, date], ActivityDay] = field(default_factory=dict)
    old_days: set[tuple[int, date]] = field(default_factory=set)
    freezes: list[FreezeEvent] = field(default_factory=list)
    unlocks: dict[tuple[int, int], Unlock] = field(default_factory=dict)
    badges: dict[tuple[int, int], BadgeAward] = field(default_factory=dict)
    metric_events: dict[tuple[int, UUID], MetricEvent] = field(default_factory=dict)
    zone_changes: list[TimeZoneChange] = field(default_factory=list)
    completions: list[tuple[LearnerProfile, Completion]] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return self.known.at

    def write(self, records: list[Record]) -> None:
        """Zone changes first, since they decide which date a completion has."""
        self._load_old_days([record for record in records if record.kind == "streak_day" and uses_freeze(record)])
        for record in sorted(records, key=lambda record: record.kind != "time_zone_change"):
            self._adders[record.kind](self._profile(record), record.values, record)
        profiles = list({record.external_id: self._profile(record) for record in records}.values())
        self._write_zone_changes(profiles)
        self._write_entries()
        self._write_sessions()
        if not self.pays:
            self._write_completions()
        self._write_metric_events()
        self._write_rest()
        save_totals(profiles, CHANGED, at=self.at)
        stale = [StaleTotals(learner_id=profile.pk) for profile in profiles]
        _insert_absent(stale, "(learner_id)", "learner_id")
        if self.pays and self.completions:
            self.paid = pay([completion for _, completion in self.completions], at=self.at)

    @property
    def _adders(self) -> dict[str, Any]:
        return {
            "opening_xp": self._add_xp,
            "completion": self._add_completion,
            "metric": self._add_metric,
            "achievement": self._add_achievement,
            "badge": self._add_badge,
            "streak_day": self._add_day,
            "time_zone_change": self._add_zone_change,
        }

    def _profile(self, record: Record) -> LearnerProfile:
        return self.known.profiles[self.known.people[record.external_id].pk]

    def _load_old_days(self, records: list[Record]) -> None:
        """Which of these days the learners have already: they stay as they are."""
        if records:
            learner_ids = {self._profile(record).pk for record in records}
            dates = {record.values["date"] for record in records}
            rows = ActivityDay.objects.filter(learner_id__in=learner_ids, date__in=dates)
            self.old_days = set(rows.values_list("learner_id", "date"))

    def _add_xp(self, profile: LearnerProfile, given: dict[str, Any], record: Record) -> None:
        was = {"was": given["reason"]} if "reason" in given else {}
        self.entries[profile.pk].append(
            NewEntry(
                delta=given["amount"],
                reason=LedgerEntry.Reason.IMPORT,
                reference_type=REFERENCE,
                reference_id=str(record.key),
                effective_at=given["date"],
                trust=Trust(given.get("trust", Trust.VERIFIED)),
                subject=subject_of(given["level"].pk) if "level" in given else "",
                note=given.get("note", ""),
                metadata={"source": self.known.source.name, **was},
            )
        )

    def _add_completion(self, profile: LearnerProfile, given: dict[str, Any], _: Record) -> None:
        self.completions.append((profile, self._completion(profile, given)))

    def _completion(self, profile: LearnerProfile, given: dict[str, Any]) -> Completion:
        level, time_spent = given["level"], given.get("time_spent")
        if time_spent is None and "started_at" in given:
            time_spent = int((given["occurred_at"] - given["started_at"]).total_seconds())
        return Completion(
            learner_id=profile.pk,
            level=level,
            session=self._session(profile, given, time_spent),
            client_event_id=given.get("client_event_id"),
            score=given["score"],
            max_score=given["max"],
            time_spent=time_spent,
            study_seconds=given.get("study_seconds", study_seconds(level, time_spent)),
            level_type=level.kind,
            category=given.get("category", level.category),
            difficulty=given.get("difficulty", level.difficulty),
            source=Completion.Source.IMPORT,
            reason=LedgerEntry.Reason.IMPORT,
            trust=Trust(given.get("trust", Trust.VERIFIED)),
            passed=given["passed"],
            perfect=given["score"] == given["max"],
            metadata=given["metadata"],
            counted=given.get("counted"),
            metrics=given.get("metrics"),
            occurred_at=given["occurred_at"],
            counts_at=given.get("counts_at"),
            created_at=self.at,
        )

    @staticmethod
    def _session(profile: LearnerProfile, given: dict[str, Any], time_spent: int | None) -> LearningSession | None:
        if "started_at" not in given:
            return None
        return LearningSession(
            learner_id=profile.pk,
            level=given["level"],
            status=LearningSession.Status.ENDED,
            start_time=given["started_at"],
            end_time=given["occurred_at"],
            score=given["score"],
            time_spent=time_spent,
        )

    def _add_metric(self, profile: LearnerProfile, given: dict[str, Any], record: Record) -> None:
        event_id = given.get("client_event_id", record.key)
        event = MetricEvent(
            learner_id=profile.pk,
            metric_id=given["metric"],
            client_event_id=event_id,
            value=given["value"],
            counted=given["counted"],
            source=Completion.Source.IMPORT,
            trust=Trust(given.get("trust", Trust.VERIFIED)),
            occurred_at=given["date"],
            created_at=self.at,
        )
        self.metric_events[profile.pk, event_id] = event

    def _add_achievement(self, profile: LearnerProfile, given: dict[str, Any], _: Record) -> None:
        achievement = given["achievement"]
        self.unlocks[profile.pk, achievement.pk] = Unlock(
            learner_id=profile.pk,
            achievement=achievement,
            earned_at=given["date"],
            created_at=self.at,
            condition=achievement.condition,
            xp_reward=given.get("xp", 0),
            quiet=True,
            revoked_at=given.get("revoked_at"),
        )

    def _add_badge(self, profile: LearnerProfile, given: dict[str, Any], _: Record) -> None:
        badge = given["badge"]
        self.badges[profile.pk, badge.pk] = BadgeAward(
            learner_id=profile.pk,
            badge=badge,
            awarded_at=given["date"],
            condition=badge.condition,
            quiet=True,
            revoked_at=given.get("revoked_at"),
        )

    def _add_day(self, profile: LearnerProfile, given: dict[str, Any], record: Record) -> None:
        kind = DayKind(given.get("state", DayKind.ACTIVE))
        completed = given.get("completed", kind == DayKind.ACTIVE)
        self._note_day(profile, given["date"], kind, completed=completed)
        if uses_freeze(record) and (profile.pk, given["date"]) not in self.old_days:
            # Used in the old system: one more to begin with, so that as many are left as the learner's row says.
            profile.first_freezes += 1
            used = FreezeEvent.Kind.USED
            self.freezes.append(
                FreezeEvent(learner_id=profile.pk, kind=used, delta=-1, date=given["date"], created_at=self.at)
            )

    def _note_day(self, profile: LearnerProfile, day: date, kind: DayKind, *, completed: bool) -> None:
        row = ActivityDay(learner_id=profile.pk, date=day, kind=kind, completed=completed, recorded_at=self.at)
        self.days.setdefault((profile.pk, day), row)

    def _add_zone_change(self, profile: LearnerProfile, given: dict[str, Any], _: Record) -> None:
        profile.time_zone_since = max(given["date"], profile.time_zone_since or given["date"])
        self.zone_changes.append(
            TimeZoneChange(
                learner_id=profile.pk,
                before=given["before"],
                time_zone=given["time_zone"],
                effective_from=given["date"],
            )
        )

    def _write_zone_changes(self, profiles: list[LearnerProfile]) -> None:
        insert_rows(self.zone_changes)
        load_zone_changes(profiles)

    def _write_entries(self) -> None:
        rows: list[LedgerEntry] = []
        for learner_id, new_entries in self.entries.items():
            rows += append_entries(self.known.profiles[learner_id], new_entries, self.at)
        insert_rows(rows)

    def _write_sessions(self) -> None:
        insert_rows([completion.session for _, completion in self.completions if completion.session])
        for _, completion in self.completions:
            completion.session = completion.session  # takes over its key, which it has only now

    def _write_completions(self) -> None:
        """After the entries, so that the answers name the total that the learner has then."""
        answers = Answers(published_rules())
        for profile, completion in self.completions:
            moment = completion.effective_at
            self._note_day(profile, local_date(profile, moment), DayKind.ACTIVE, completed=True)
            profile.dated_until = max(moment, profile.dated_until or moment)
            # Others are never asked for: no request names them, and they are no duplicate of a live one.
            if completion.client_event_id or completion.session_id:
                completion.answer = answers.of(completion, profile)
        insert_rows([completion for _, completion in self.completions])

    def _write_metric_events(self) -> None:
        """An event that is there already, by its id, stays as it is. The answer does not name the total afterwards."""
        answers = Answers(published_rules())
        for event in self.metric_events.values():
            event.answer = answers.of_metric(event, self.known.profiles[event.learner_id])
        _insert_absent(self.metric_events.values(), "(learner_id, client_event_id)")

    def _write_rest(self) -> None:
        insert_rows(self.freezes)
        # What a learner has already stays as it is.
        _insert_absent(self.days.values(), "(learner_id, date)")
        _insert_absent(self.unlocks.values(), "(learner_id, achievement_id)")
        _insert_absent(self.badges.values(), "(learner_id, badge_id)")


def uses_freeze(day: Record) -> bool:
    is_frozen = day.values.get("state") == DayKind.FROZEN
    return bool(day.values.get("freeze_used", is_frozen))


def remember(known: Known) -> None:
    """Mark the rows as imported, in the transaction that writes what they say."""
    make = partial(ImportedRow, source_id=known.source.pk)
    insert_rows([make(key=key, content=content) for key, content in known.new_rows.items()])


def _insert_absent(rows: Iterable[Any], conflict: str, returning: str = "id") -> None:
    given = list(rows)
    if given:
        insert_absent(given, conflict=conflict, returning=returning)

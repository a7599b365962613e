"""The rows and totals in which product and oracle must agree after every step."""

from collections import defaultdict
from itertools import groupby

from hypothesis.stateful import RuleBasedStateMachine, invariant

from gamification.leaderboards import windows
from gamification.leaderboards.backends import board
from gamification.leaderboards.base import RANKINGS
from gamification.ledger.audit import find_mismatches
from gamification.models import (
    ActivityDay,
    BadgeAward,
    FreezeEvent,
    LearnerProfile,
    LedgerEntry,
    Unlock,
    WindowRefresh,
)
from levels.models import Level
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.models import Completion, LearningSession
from tracking.progress.levels import progress_of

from .oracle_bulk import BulkOracle
from .oracle_unlocks import Numbers
from .world import LEARNERS, LEVELS, World

STEPS_BETWEEN_SLOW_CHECKS = 8
COLUMNS = ["levels_completed", "achievements_unlocked", "active_days", "longest_streak"]


class Checks(RuleBasedStateMachine):
    steps = 0  # of all walks together

    def __init__(self, world: World, oracle: BulkOracle):
        super().__init__()
        self.world, self.oracle, self.taken = world, oracle, 0
        self.names = {person.pk: name for name, person in world.people.items()}

    @invariant()
    def product_and_oracle_agree(self):
        type(self).steps += 1
        self.taken += 1
        assert find_mismatches() == []
        self.check_rows()
        if self.taken % STEPS_BETWEEN_SLOW_CHECKS == 0:
            assert list(rebuild_profiles(write=False, at=self.oracle.now)) == []
            self.check_boards()

    def check_rows(self):
        completions = self.check_completions()
        self.check_sessions()
        self.check_ledger(completions)
        self.check_days()
        self.check_prizes()
        self.check_profiles()

    def check_completions(self) -> list[tuple[int, int]]:
        """(learner id, completion id) of each completion, in the order of the oracle."""
        fields = ["level__level_id", "score", "time_spent", "passed", "held", "held_reason", "refused", "trust"]
        fields += ["source", "session_id"]
        rows = list(Completion.objects.order_by("pk").values_list("learner_id", "pk", *fields))
        assert [(self.names[learner_id], *row) for learner_id, _, *row in rows] == [
            (
                completion.who,
                *completion.claim.content[:3],
                completion.passed,
                completion.held,
                completion.held_reason,
                completion.refused,
                completion.trust,
                completion.source,
                completion.session and completion.session.pk,
            )
            for completion in self.oracle.completions
        ]
        return [(learner_id, pk) for learner_id, pk, *_ in rows]

    def check_sessions(self):
        rows = LearningSession.objects.order_by("pk").values_list("pk", "status", "score")
        assert list(rows) == [(session.pk, session.status, session.score) for session in self.oracle.sessions]

    def check_ledger(self, completions):
        rows = list(LedgerEntry.objects.order_by("pk"))
        found = [(self.names[row.learner_id], row.reason, *values_of(row)) for row in rows]
        expected = [
            (
                entry.who,
                entry.reason,
                entry.delta,
                known_reference(entry),
                entry.version,
                entry.effective_at,
                entry.created_at,
                entry.trust,
            )
            for entry in self.oracle.entries
        ]
        assert list(in_any_order(found)) == list(in_any_order(expected))
        self.order_achievements(rows)
        self.check_chains(rows)
        # Paid at most once, to the learner of the completion; checked without the oracle.
        awards = [(row.learner_id, row.reference_type, row.reference_id) for row in rows if row.reason != "reversal"]
        assert len(awards) == len(set(awards))
        assert {(who, int(which)) for who, kind, which in awards if kind == "completion"} <= set(completions)

    def order_achievements(self, rows):
        """Of those that were unlocked at once, the product decides the order, which later steps refer to."""
        order = {(self.names[row.learner_id], row.reference_id): row.pk for row in rows if row.reason == "achievement"}
        ordered = []
        for are_unlocks, group in groupby(self.oracle.entries, key=lambda entry: entry.reason == "achievement"):
            entries = list(group)
            ordered += sorted(entries, key=lambda one: order[one.who, one.reference]) if are_unlocks else entries
        self.oracle.entries = ordered

    def check_chains(self, rows):
        balances = defaultdict(list)
        for row in rows:
            before = balances[row.learner_id][-1] if balances[row.learner_id] else 0
            balances[row.learner_id].append(before + row.delta)
            assert (row.sequence, row.balance_after) == (len(balances[row.learner_id]), before + row.delta)

    def check_days(self):
        calendars = {name: self.oracle.calendars[name] for name in LEARNERS}
        days = ActivityDay.objects.values_list("learner_id", "date", "kind", "completed")
        assert {(self.names[pk], *day) for pk, *day in days} == {
            (name, day, kind, day in calendar.completed)
            for name, calendar in calendars.items()
            for day, kind in calendar.days.items()
        }
        moves = defaultdict(list)
        for learner_id, *move in FreezeEvent.objects.order_by("pk").values_list("learner_id", "kind", "date"):
            moves[self.names[learner_id]].append(tuple(move))
        assert moves == {name: calendar.moves for name, calendar in calendars.items() if calendar.moves}

    def check_prizes(self):
        fields = ["learner_id", "achievement__achievement_id", "earned_at", "revoked_at"]
        unlocks = list(Unlock.objects.values_list(*fields))
        awards = list(BadgeAward.objects.values_list("learner_id", "badge__name", "awarded_at", "revoked_at"))
        found = {(self.names[pk], key, earned_at, bool(gone)) for pk, key, earned_at, gone in unlocks + awards}
        assert found == {
            (name, key, had.earned_at, had.revoked) for name in LEARNERS for key, had in self.oracle.had[name].items()
        }

    def check_profiles(self):
        profiles = {self.names[profile.pk]: profile for profile in LearnerProfile.objects.all()}
        untouched = LearnerProfile()  # of a colleague who has done nothing yet
        for name in LEARNERS:
            profile, calendar = profiles.get(name, untouched), self.oracle.calendars[name]
            assert profile.total_xp == self.oracle.total(name)
            numbers = {column: getattr(profile, column) for column in COLUMNS} | profile.counters
            assert numbers == self.expected_numbers(name)
            streak = profile.streak_run, profile.freezes_available, profile.last_active_day
            assert streak == (calendar.run, calendar.freezes, max(calendar.active, default=None))

    def expected_numbers(self, name) -> Numbers:
        counted = {**self.oracle.counted(name), "achievements_unlocked": len(self.oracle.unlocked(name))}
        return {metric: number for metric, number in counted.items() if number or metric in COLUMNS}

    def check_boards(self):
        WindowRefresh.objects.all().delete()  # windows may be some minutes old, and the clock jumps
        for metric in RANKINGS.values():
            if metric.is_windowed:
                windows.refresh(metric, at=self.oracle.now, oldest=self.oracle.now)
            top = board(metric).top(10, at=self.oracle.now)
            found = [(self.names[standing.learner_id], standing.score, standing.rank) for standing in top]
            assert found == self.oracle.ranked(metric.name, LEARNERS), metric.name

    def check_progress(self, name):
        catalogue = Level.objects.completable().filter(pk__in=[level.pk for level in self.world.levels.values()])
        found = {
            progress.level.level_id: (progress.status == "completed", progress.awarded_xp, progress.results.completions)
            for progress in progress_of(self.world.people[name], catalogue)
        }
        assert found == {
            level.level_id: (
                self.oracle.has_passed(name, level.level_id),
                self.oracle.paid_by(name, level.level_id),
                sum(not completion.held for completion in self.oracle.completions_on(name, level.level_id)),
            )
            for level in LEVELS
            if level.kind != "mode"
        }


def values_of(row: LedgerEntry) -> tuple:
    return row.delta, known_reference(row), row.rule_set_id, row.effective_at, row.created_at, row.trust


def known_reference(entry) -> str:
    """The product chooses the references of other awards."""
    reference = entry.reference_id if isinstance(entry, LedgerEntry) else entry.reference
    return reference if entry.reason in ("achievement", "streak_bonus") else ""


def in_any_order(entries):
    """Sort consecutive entries of achievements, whose order in the ledger is not defined."""
    for are_unlocks, group in groupby(entries, key=lambda entry: entry[1] == "achievement"):
        together = list(group)
        yield from sorted(together) if are_unlocks else together

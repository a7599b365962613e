"""What must agree between product and oracle after every step: every row and every number that is kept of them."""

from collections import defaultdict
from itertools import groupby

from hypothesis.stateful import RuleBasedStateMachine, invariant

from gamification.leaderboards import windows
from gamification.leaderboards.backends import board
from gamification.leaderboards.base import METRICS
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

from .oracle import Oracle
from .oracle_unlocks import Numbers
from .world import LEARNERS, LEVELS, World

NOW_AND_THEN = 8  # steps from one look at what takes longer to the next
COLUMNS = ["levels_completed", "achievements_unlocked", "active_days", "longest_streak"]


class Checks(RuleBasedStateMachine):
    steps = 0  # of all walks together

    def __init__(self, world: World, oracle: Oracle):
        super().__init__()
        self.world, self.oracle, self.taken = world, oracle, 0
        self.names = {person.pk: name for name, person in world.people.items()}

    @invariant()
    def product_and_oracle_agree(self):
        type(self).steps += 1
        self.taken += 1
        assert find_mismatches() == []
        completions = self.check_completions()
        self.check_sessions()
        self.check_ledger(completions)
        self.check_days()
        self.check_prizes()
        self.check_profiles()
        if self.taken % NOW_AND_THEN == 0:
            assert list(rebuild_profiles(write=False, at=self.oracle.now)) == []
            self.check_boards()

    def check_completions(self) -> list[tuple[int, int]]:
        """Of each completion its learner and itself, in the order of the oracle's deeds."""
        fields = ["level__level_id", "score", "time_spent", "passed", "held", "session_id"]
        rows = list(Completion.objects.order_by("pk").values_list("learner_id", "pk", *fields))
        assert [(self.names[learner_id], *row) for learner_id, _, *row in rows] == [
            (deed.who, *deed.claim.content[:3], deed.passed, deed.held, deed.sitting and deed.sitting.pk)
            for deed in self.oracle.deeds
        ]
        return [(learner_id, pk) for learner_id, pk, *_ in rows]

    def check_sessions(self):
        rows = LearningSession.objects.order_by("pk").values_list("pk", "status", "score")
        assert list(rows) == [(sitting.pk, sitting.status, sitting.score) for sitting in self.oracle.sittings]

    def check_ledger(self, completions):
        rows = list(LedgerEntry.objects.order_by("pk"))
        lines = [(self.names[row.learner_id], row.reason, *told_of(row)) for row in rows]
        expected = [
            (line.who, line.reason, line.delta, known_reference(line), line.version, line.effective_at, line.created_at)
            for line in self.oracle.lines
        ]
        assert list(in_any_order(lines)) == list(in_any_order(expected))
        self.check_chains(rows)
        # Paid to whoever did it, at most once; the oracle aside, so that it need not be trusted in this.
        deeds = [(row.learner_id, row.reference_type, row.reference_id) for row in rows if row.reason != "reversal"]
        assert len(deeds) == len(set(deeds))
        assert {(who, int(which)) for who, kind, which in deeds if kind == "completion"} <= set(completions)

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
        told = {(self.names[pk], key, earned_at, bool(gone)) for pk, key, earned_at, gone in unlocks + awards}
        assert told == {
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
        for metric in METRICS.values():
            if metric.is_windowed:
                windows.refresh(metric, at=self.oracle.now, oldest=self.oracle.now)
            top = board(metric).top(10, at=self.oracle.now)
            told = [(self.names[standing.learner_id], standing.score, standing.rank) for standing in top]
            assert told == self.oracle.ranked(metric.name, LEARNERS), metric.name

    def check_progress(self, name):
        catalogue = Level.objects.filter(pk__in=[level.pk for level in self.world.levels.values()])
        told = {
            line.level.level_id: (line.status == "completed", line.awarded_xp, line.completions)
            for line in progress_of(self.world.people[name], catalogue)
        }
        assert told == {
            level.level_id: (
                self.oracle.has_passed(name, level.level_id),
                self.oracle.paid_by(name, level.level_id),
                sum(not deed.held for deed in self.oracle.deeds_on(name, level.level_id)),
            )
            for level in LEVELS
            if level.kind != "mode"
        }


def told_of(row: LedgerEntry) -> tuple:
    return row.delta, known_reference(row), row.rule_set_id, row.effective_at, row.created_at


def known_reference(line) -> str:
    """Other deeds are named by keys of the product's choice."""
    reference = line.reference_id if isinstance(line, LedgerEntry) else line.reference
    return reference if line.reason in ("achievement", "streak_bonus") else ""


def in_any_order(lines):
    """Which of several achievements at once comes first in the ledger, nobody has promised."""
    for are_unlocks, group in groupby(lines, key=lambda line: line[1] == "achievement"):
        together = list(group)
        yield from sorted(together) if are_unlocks else together

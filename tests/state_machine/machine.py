"""The steps of the state machine: three learners, one colleague, a clock that jumps.

Further steps are in `streak_steps`, `limit_steps`, `play_steps`, `review_steps` and `bulk_steps`; `comparison` and
`checks` have what is checked.
"""

from datetime import timedelta
from io import StringIO

import time_machine
from django.conf import settings
from django.core.management import call_command
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from gamification.models import XPRuleSet
from gamification.pricing.rules import DEFAULT_RULES
from gamification.rule_sets.publishing import publish_rule_set
from levels.models import Level
from tracking.models import Completion
from tracking.recording import services

from .bulk_steps import BulkSteps
from .limit_steps import LIMITS
from .play_steps import EVENTS, pick
from .prices import LevelFacts
from .records import Claim
from .streak_steps import usually_staff, who
from .world import LEARNERS, LEVELS, STAFF

RULE_CHANGES = [
    {"cap": 25},
    {"cap": 25},
    {"cap": 70},
    {"cap": None},
    {"base": 7, "points": 50, "bonus": 2},
    {"quadratic": True},
    {"per_streak_day": 3, "streak_at_most": 8},
    {"review_xp": 3, "review_xp_per_day": 7, "reviews_for_a_day": 2},
]

usually_the_same = st.sampled_from([None, None, None, *LEARNERS])
levels = st.sampled_from(LEVELS)
training = [level for level in LEVELS if level.kind == "training"]
training_or_not = st.sampled_from([*training, *training, LEVELS[0]])  # the last is no training
events = st.sampled_from([None, *EVENTS])
prizes = st.sampled_from(["", "first prize", "second prize"])
# In hundredths of the maximum; the last is too much.
scores = st.sampled_from([0, 1, 69, 70, 79, 80, 85, 100, 110])
rights = st.sampled_from([0, 7, 8, 10, 11])
seconds = st.sampled_from([None, 0, 59, 60, 119, 299, 300])
hints = st.sampled_from([None, 0, 2])
# Mostly small steps, some around each limit of the product, some backwards.
jumps = st.sampled_from(  # seconds
    [0.001, 1, 4.999, 5, 9.999, 10, 61, 1800, 3600, 86_399, 86_401, 86_401, 30 * 86_400, -0.001, -4, -11, -90_000]
)
# `occurred_at` relative to the server's clock, in seconds.
shifts = st.sampled_from([None, 0, 299, 301, -3600, -86_400, -86_400, -30 * 86_400 + 1, -30 * 86_400 - 1])
CHANGES = [
    {"score": 1},
    {"time_spent": 61},
    {"difficulty": "hard"},
    {"hints": 1},
    {"level": "maze"},
    {"level": "nowhere"},
]


class SkillQuest(BulkSteps):
    @initialize(change=st.sampled_from([{}, {}, *RULE_CHANGES]), limits=st.sampled_from([None, *LIMITS]))
    def configure(self, change, limits):
        self.publish_rules(change)
        settings.TRUST_LIMITS = limits is not None
        if limits:
            self.oracle.limits = limits  # which are on from now on
            self.publish_limits(limits)

    # Learners

    @rule(name=who, level=levels, score=scores, time_spent=seconds, hints=hints, event_id=events, shift=shifts)
    def complete(self, name, level, score, time_spent, hints, event_id, shift):
        claim = Claim(
            level=level.level_id,
            score=hundredths(level, score),
            time_spent=time_spent,
            hints=hints,
            event_id=event_id,
            occurred_at=None if shift is None else self.oracle.now + timedelta(seconds=shift),
        )
        self.compare_completion(name, claim, reference=level.number)

    @rule(name=who, level=levels, score=st.sampled_from([85, 100]), days_ago=st.sampled_from([None, None, 1, 2]))
    def complete_well(self, name, level, score, days_ago):
        time_spent = level.min_seconds + len(self.oracle.completions)  # unique, so never taken for a repeat
        occurred_at = days_ago and self.oracle.now - timedelta(days=days_ago)
        claim = Claim(level.level_id, hundredths(level, score), time_spent, occurred_at=occurred_at)
        self.compare_completion(name, claim)
        self.check_progress(name)

    @rule(name=who, top=st.sampled_from([level for level in LEVELS if level.needs]), score=scores, time_spent=seconds)
    def climb(self, name, top, score, time_spent):
        """Complete the prerequisites of a level, perhaps too badly or too fast to count, and then the level."""
        for level in [*map(self.oracle.levels.get, top.needs), top]:
            self.compare_completion(name, Claim(level.level_id, hundredths(level, score), time_spent))

    @rule(name=who, level=training_or_not, right=rights, score=scores, time_spent=seconds, again=st.booleans())
    def train(self, name, level, right, score, time_spent, again):
        for needed in map(self.oracle.levels.get, level.needs):
            if not self.oracle.has_passed(name, needed.level_id):
                self.compare_completion(name, Claim(needed.level_id, needed.max_score, len(self.oracle.completions)))
        claim = Claim(level.level_id, hundredths(level, score), time_spent, right=right)
        for _ in range(1 + again):
            self.compare_training(name, claim, asked=(level.questions or (0, 1))[1])

    @precondition(lambda self: self.oracle.completions)
    @rule(which=pick, by=usually_the_same, change=st.sampled_from([{}, {}, {}, *CHANGES]))
    def repeat_a_completion(self, which, by, change):
        """Unchanged or with a change; with its event id if it had one."""
        completion = self.oracle.completions[-1 - which % len(self.oracle.completions)]
        self.compare_completion(by or completion.who, Claim(**{**vars(completion.claim), **change}))

    @precondition(lambda self: self.oracle.completions)
    @rule(wait=st.sampled_from([0, 4, 9.999, 10, -9.999, -10]))
    def repeat_the_latest_completion_soon_without_an_id(self, wait):
        completion = self.oracle.completions[-1]
        self.oracle.now += timedelta(seconds=wait)
        self.compare_completion(completion.who, Claim(**{**vars(completion.claim), "event_id": None}))

    @precondition(lambda self: self.oracle.completions)
    @rule(which=pick, by=usually_the_same, reason=st.sampled_from(["tracking is off", "level is closed"]))
    def repeat_a_completion_while_new_ones_are_refused(self, which, by, reason):
        level = self.oracle.completions[-1 - which % len(self.oracle.completions)].claim.level
        if reason == "level is closed":
            self.accept_completions(tracking=True, shut={level})
        else:
            self.accept_completions(tracking=False, shut=set())
        self.repeat_a_completion(which, by, {})
        self.accept_completions(tracking=True, shut=set())

    @rule(name=who, level=levels, resume=st.booleans(), by_name=st.booleans())
    def start(self, name, level, resume, by_name):
        reference = self.world.levels[level.level_id].name if by_name else level.level_id
        results = self.both(
            lambda: self.oracle.start(name, level.level_id, resume=resume),
            lambda: services.start_session(
                learner=self.world.people[name], level=reference, resume=resume, at=self.oracle.now
            ),
        )
        if results:
            (expected, is_new), (session, was_new) = results
            expected.pk = expected.pk or session.pk
            assert (session.pk, was_new) == (expected.pk, is_new)

    @rule(
        name=who,
        level=levels,
        stay=st.sampled_from([-60, 59, 60, 299, 86_400, 86_401]),
        score=st.sampled_from([70, 100]),
    )
    def play_a_session(self, name, level, stay, score):
        self.start(name, level, resume=False, by_name=False)
        self.oracle.now += timedelta(seconds=stay)
        if self.oracle.sessions:
            self.end(0, None, score, hints=0)

    @precondition(lambda self: self.oracle.sessions)
    @rule(which=pick, by=usually_the_same, score=st.one_of(st.none(), scores), hints=hints)
    def end(self, which, by, score, hints):
        session = self.oracle.sessions[-1 - which % len(self.oracle.sessions)]
        score = None if score is None else hundredths(self.oracle.levels[session.level], score)
        self.compare_session_end(by or session.who, session, score, hints)

    @precondition(lambda self: self.oracle.sessions)
    @rule(which=pick, by=usually_the_same, score=scores, hints=hints)
    def submit(self, which, by, score, hints):
        session = self.oracle.sessions[-1 - which % len(self.oracle.sessions)]
        self.compare_attempt(by or session.who, session, hundredths(self.oracle.levels[session.level], score), hints)

    # Staff

    @precondition(lambda self: self.oracle.completions)
    @rule(which=pick)
    def release(self, which):
        which %= len(self.oracle.completions)
        expected, completion = self.oracle.completions[which], Completion.objects.order_by("pk")[which]
        was_held = expected.held
        self.both(
            lambda: self.oracle.release(expected), lambda: services.release_completion(completion, at=self.oracle.now)
        )
        if was_held:
            completion.refresh_from_db()
            self.check_first_answer(expected, completion.answer)

    @rule(
        actor=usually_staff, name=who, amount=st.sampled_from([-28, -1, 1, 28, 1000]), prize=prizes, again=st.booleans()
    )
    def adjust(self, actor, name, amount, prize, again):
        self.compare_adjustment(actor, name, amount, prize)
        if again:
            self.compare_adjustment(actor, name, amount, prize)

    @precondition(lambda self: self.oracle.entries)
    @rule(actor=usually_staff, which=pick)
    def reverse(self, actor, which):
        self.compare_reversal(actor, self.oracle.entries[-1 - which % len(self.oracle.entries)])

    @precondition(lambda self: any(entry.completion for entry in self.oracle.entries))
    @rule(which=pick)
    def reverse_and_play_again(self, which):
        entries = [entry for entry in self.oracle.entries if entry.completion]
        entry = entries[-1 - which % len(entries)]
        self.compare_reversal(STAFF, entry)
        self.oracle.now += timedelta(seconds=20)
        self.compare_completion(entry.who, Claim(**{**vars(entry.completion.claim), "event_id": None}))

    @rule(change=st.sampled_from(RULE_CHANGES))
    def publish_rules(self, change):
        self.oracle.publish(**change)
        draft = XPRuleSet.objects.create(version=self.oracle.rules.version, rules=as_json(self.oracle.rules))
        publish_rule_set(draft, at=self.oracle.now)

    # Time

    @rule(jump=jumps, then_sweep=st.booleans())
    def let_the_clock_jump(self, jump, then_sweep):
        self.oracle.now += timedelta(seconds=jump)
        if then_sweep:
            self.oracle.sweep()
            with time_machine.travel(self.oracle.now, tick=False):
                call_command("sweep_sessions", stdout=StringIO())

    def accept_completions(self, *, tracking, shut):
        self.oracle.tracking, self.oracle.shut = tracking, shut
        settings.ENABLE_SERVER_SIDE_TRACKING = tracking
        # Keeps no history of the change: the level is closed for results of any time.
        levels = Level._base_manager.all()
        levels.update(unlocked=True)
        levels.filter(level_id__in=shut).update(unlocked=False)


def hundredths(level: LevelFacts, score: int) -> int:
    return level.max_score * score // 100


def as_json(rules) -> dict:
    """The oracle's rule set in the format of the product."""
    return {
        **DEFAULT_RULES,
        "formula": {
            "base": rules.base,
            "points_per_xp": rules.points,
            "speed_bonus": rules.bonus,
            "no_hints_bonus": rules.bonus,
        },
        "streak_bonus": {"per_day": rules.per_streak_day, "at_most": rules.streak_at_most},
        "daily_xp_cap": rules.cap,
        "reviews": {
            "xp_per_answer": rules.review_xp,
            "xp_per_day": rules.review_xp_per_day,
            "for_a_day": rules.reviews_for_a_day,
        },
        "curve": {**DEFAULT_RULES["curve"], "kind": "quadratic" if rules.quadratic else "geometric"},
    }

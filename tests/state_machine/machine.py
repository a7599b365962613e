"""What can happen in a walk: three learners, one colleague, a clock that jumps.

`habits` has the steps of streaks and prizes; `agreement` and `checks` say what is checked.
"""

from datetime import timedelta
from io import StringIO
from uuid import UUID

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

from .deeds import Claim
from .habits import Habits, usually_staff, who
from .prices import LevelFacts
from .world import LEARNERS, LEVELS, STAFF

EVENTS = [str(UUID(int=number, version=4)) for number in range(3)]
RULE_CHANGES = [
    {"cap": 25},
    {"cap": 25},
    {"cap": 70},
    {"cap": None},
    {"base": 7, "points": 50, "bonus": 2},
    {"quadratic": True},
    {"per_streak_day": 3, "streak_at_most": 8},
]

usually_its_own = st.sampled_from([None, None, None, *LEARNERS])
levels = st.sampled_from(LEVELS)
training = [level for level in LEVELS if level.kind == "training"]
exercises = st.sampled_from([*training, *training, LEVELS[0]])  # the last is none
events = st.sampled_from([None, *EVENTS])
prizes = st.sampled_from(["", "first prize", "second prize"])
pick = st.integers(0, 30)  # of whatever there is by now
# In hundredths of the maximum; the last is too much.
scores = st.sampled_from([0, 1, 69, 70, 79, 80, 85, 100, 110])
rights = st.sampled_from([0, 7, 8, 10, 11])
seconds = st.sampled_from([None, 0, 59, 60, 119, 299, 300])
hints = st.sampled_from([None, 0, 2])
# Mostly small steps, some around each limit of the product, some backwards.
jumps = st.sampled_from(  # seconds
    [0.001, 1, 4.999, 5, 9.999, 10, 61, 1800, 3600, 86_399, 86_401, 86_401, 30 * 86_400, -0.001, -4, -11, -90_000]
)
# When it happened, against the server's clock.
shifts = st.sampled_from([None, 0, 299, 301, -3600, -86_400, -86_400, -30 * 86_400 + 1, -30 * 86_400 - 1])
CHANGES = [
    {"score": 1},
    {"time_spent": 61},
    {"difficulty": "hard"},
    {"hints": 1},
    {"level": "maze"},
    {"level": "nowhere"},
]


class SkillQuest(Habits):
    @initialize(ceiling=st.sampled_from([None, None, 100]), change=st.sampled_from([{}, {}, *RULE_CHANGES]))
    def houses_differ(self, ceiling, change):
        settings.XP_PER_HOUR_CEILING = self.oracle.ceiling = ceiling
        self.publish_rules(change)

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
        self.tell_completion(name, claim, reference=level.number)

    @rule(name=who, level=levels, score=st.sampled_from([85, 100]), days_ago=st.sampled_from([None, None, 1, 2]))
    def complete_well(self, name, level, score, days_ago):
        time_spent = level.min_seconds + len(self.oracle.deeds)  # nobody's twin
        occurred_at = days_ago and self.oracle.now - timedelta(days=days_ago)
        claim = Claim(level.level_id, hundredths(level, score), time_spent, occurred_at=occurred_at)
        self.tell_completion(name, claim)
        self.check_progress(name)

    @rule(name=who, top=st.sampled_from([level for level in LEVELS if level.needs]), score=scores, time_spent=seconds)
    def climb(self, name, top, score, time_spent):
        """Complete what a level needs, perhaps too badly or too fast to count, and then the level."""
        for level in [*map(self.oracle.levels.get, top.needs), top]:
            self.tell_completion(name, Claim(level.level_id, hundredths(level, score), time_spent))

    @rule(name=who, level=exercises, right=rights, score=scores, time_spent=seconds, again=st.booleans())
    def train(self, name, level, right, score, time_spent, again):
        for needed in map(self.oracle.levels.get, level.needs):
            if not self.oracle.has_passed(name, needed.level_id):
                self.tell_completion(name, Claim(needed.level_id, needed.max_score, len(self.oracle.deeds)))
        claim = Claim(level.level_id, hundredths(level, score), time_spent, right=right)
        for _ in range(1 + again):
            self.tell_training(name, claim, asked=(level.questions or (0, 1))[1])

    @precondition(lambda self: self.oracle.deeds)
    @rule(which=pick, by=usually_its_own, change=st.sampled_from([{}, {}, {}, *CHANGES]))
    def tell_a_known_deed_again(self, which, by, change):
        """Word for word or changed; with its event id or, where it had none, without."""
        deed = self.oracle.deeds[-1 - which % len(self.oracle.deeds)]
        self.tell_completion(by or deed.who, Claim(**{**vars(deed.claim), **change}))

    @precondition(lambda self: self.oracle.deeds)
    @rule(wait=st.sampled_from([0, 4, 9.999, 10, -9.999, -10]))
    def tell_the_newest_deed_again_soon_without_an_id(self, wait):
        deed = self.oracle.deeds[-1]
        self.oracle.now += timedelta(seconds=wait)
        self.tell_completion(deed.who, Claim(**{**vars(deed.claim), "event_id": None}))

    @precondition(lambda self: self.oracle.deeds)
    @rule(which=pick, by=usually_its_own, reason=st.sampled_from(["tracking is off", "level is shut"]))
    def tell_a_known_deed_while_nothing_new_is_taken(self, which, by, reason):
        level = self.oracle.deeds[-1 - which % len(self.oracle.deeds)].claim.level
        if reason == "level is shut":
            self.take_new_deeds(tracking=True, shut={level})
        else:
            self.take_new_deeds(tracking=False, shut=set())
        self.tell_a_known_deed_again(which, by, {})
        self.take_new_deeds(tracking=True, shut=set())

    @rule(name=who, level=levels, resume=st.booleans(), by_name=st.booleans())
    def start(self, name, level, resume, by_name):
        reference = self.world.levels[level.level_id].name if by_name else level.level_id
        told = self.both(
            lambda: self.oracle.start(name, level.level_id, resume=resume),
            lambda: services.start_session(
                learner=self.world.people[name], level=reference, resume=resume, at=self.oracle.now
            ),
        )
        if told:
            (sitting, is_new), (session, was_new) = told
            sitting.pk = sitting.pk or session.pk
            assert (session.pk, was_new) == (sitting.pk, is_new)

    @rule(
        name=who,
        level=levels,
        stay=st.sampled_from([-60, 59, 60, 299, 86_400, 86_401]),
        score=st.sampled_from([70, 100]),
    )
    def sit_through_a_level(self, name, level, stay, score):
        self.start(name, level, resume=False, by_name=False)
        self.oracle.now += timedelta(seconds=stay)
        if self.oracle.sittings:
            self.end(0, None, score, hints=0)

    @precondition(lambda self: self.oracle.sittings)
    @rule(which=pick, by=usually_its_own, score=st.one_of(st.none(), scores), hints=hints)
    def end(self, which, by, score, hints):
        sitting = self.oracle.sittings[-1 - which % len(self.oracle.sittings)]
        score = None if score is None else hundredths(self.oracle.levels[sitting.level], score)
        self.tell_end(by or sitting.who, sitting, score, hints)

    @precondition(lambda self: self.oracle.sittings)
    @rule(which=pick, by=usually_its_own, score=scores, hints=hints)
    def submit(self, which, by, score, hints):
        sitting = self.oracle.sittings[-1 - which % len(self.oracle.sittings)]
        self.tell_submit(by or sitting.who, sitting, hundredths(self.oracle.levels[sitting.level], score), hints)

    # Staff

    @precondition(lambda self: self.oracle.deeds)
    @rule(which=pick)
    def release(self, which):
        which %= len(self.oracle.deeds)
        deed, completion = self.oracle.deeds[which], Completion.objects.order_by("pk")[which]
        was_held = deed.held
        self.both(
            lambda: self.oracle.release(deed), lambda: services.release_completion(completion, at=self.oracle.now)
        )
        if was_held:
            completion.refresh_from_db()
            self.check_first_answer(deed, completion.answer)

    @rule(
        actor=usually_staff, name=who, amount=st.sampled_from([-28, -1, 1, 28, 1000]), prize=prizes, again=st.booleans()
    )
    def adjust(self, actor, name, amount, prize, again):
        self.tell_adjustment(actor, name, amount, prize)
        if again:
            self.tell_adjustment(actor, name, amount, prize)

    @precondition(lambda self: self.oracle.lines)
    @rule(actor=usually_staff, which=pick)
    def reverse(self, actor, which):
        self.tell_reversal(actor, self.oracle.lines[-1 - which % len(self.oracle.lines)])

    @precondition(lambda self: any(line.deed for line in self.oracle.lines))
    @rule(which=pick)
    def reverse_and_play_again(self, which):
        lines = [line for line in self.oracle.lines if line.deed]
        line = lines[-1 - which % len(lines)]
        self.tell_reversal(STAFF, line)
        self.oracle.now += timedelta(seconds=20)
        self.tell_completion(line.who, Claim(**{**vars(line.deed.claim), "event_id": None}))

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

    def take_new_deeds(self, *, tracking, shut):
        self.oracle.tracking, self.oracle.shut = tracking, shut
        settings.ENABLE_SERVER_SIDE_TRACKING = tracking
        Level.objects.update(unlocked=True)
        Level.objects.filter(level_id__in=shut).update(unlocked=False)


def hundredths(level: LevelFacts, score: int) -> int:
    return level.max_score * score // 100


def as_json(rules) -> dict:
    """The oracle's numbers as the product's rule set."""
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
        "curve": {**DEFAULT_RULES["curve"], "kind": "quadratic" if rules.quadratic else "geometric"},
    }

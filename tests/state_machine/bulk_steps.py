"""Steps for staff who decide held results or reverse what a learner has earned since a moment, by jobs."""

import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from jobs.running import run_next_portion
from tracking.models import Completion
from tracking.recording.services import refuse_completion
from tracking.staff.held_results import decide_or_request, decision_about
from tracking.staff.reverse_since import Choice as ProductChoice
from tracking.staff.reverse_since import plan_reversal_since, reverse_or_request

from .oracle_bulk import Choice
from .play_steps import pick
from .records import Claim
from .review_steps import ReviewSteps
from .streak_steps import usually_staff, who
from .world import LEARNERS, LEVELS, STAFF

CHOICES = [
    {},
    {},
    {"level": "arena"},
    {"level": "maze"},
    {"level": "maze", "trust": "verified"},
    {"trust": "reported"},
    {"trust": "offline"},
    {"trust": "verified"},
    {"source": "web"},
    {"source": "sync"},
    {"adjustments": True},
]
GROUPS = [LEARNERS, *([name] for name in LEARNERS)]
begins = st.one_of(st.none(), pick)  # with which entry
REFUSED = "Our staff have looked at this result and did not accept it."


class BulkSteps(ReviewSteps):
    @rule(name=who, which=pick, goes_on=st.booleans())
    def refuse(self, name, which, goes_on):
        """The learner perhaps goes on to the levels that need the refused one."""
        self.play_too_fast(name)
        expected = self.held[-1 - which % len(self.held)]
        self.oracle.refuse(expected)
        row = self.row_of(expected)
        refuse_completion(row, at=self.oracle.now)
        self.check_decided([expected])
        for level in LEVELS:
            if goes_on and expected.claim.level in level.needs:
                unique_time = len(self.oracle.completions)
                self.compare_completion(expected.who, Claim(level.level_id, level.max_score, unique_time))

    @rule(actor=usually_staff, people=st.sampled_from(GROUPS), release=st.booleans())
    def decide_held_results(self, actor, people, release):
        self.run_jobs()
        for name in LEARNERS:
            self.play_too_fast(name)
        results = self.both(
            lambda: self.oracle.decide(actor, people, release=release),
            lambda: self.decide(actor, people, release=release),
        )
        if results:
            self.run_jobs()
            self.check_decided(results[0])

    @rule(actor=usually_staff, name=who, change=st.sampled_from(CHOICES), since=begins, now=st.booleans())
    def reverse_since(self, actor, name, change, since, now):
        """By a job that runs now, or after some other steps."""
        if self.oracle.job and self.oracle.job.who != name:
            self.run_jobs()
        for _ in range(3):
            self.play(name)
        entries = self.oracle.entries_of(name)
        begin = entries[-1 - since % len(entries)].created_at if entries and since is not None else None
        self.compare_reverse_since(actor, name, Choice(until=self.oracle.now, since=begin, **change))
        if now:
            self.run_jobs()

    @precondition(lambda self: self.oracle.job)
    @rule(which=pick)
    def reverse_one_and_run_the_job(self, which):
        """Somebody reverses one of the entries before the job comes to it."""
        entries = self.oracle.entries_of(self.oracle.job.who)
        self.compare_reversal(STAFF, entries[-1 - which % len(entries)])
        self.run_jobs()

    @precondition(lambda self: self.oracle.job)
    @rule()
    def run_the_job(self):
        self.run_jobs()

    def play_too_fast(self, name):
        """Its result is held."""
        self.compare_completion(name, Claim("slow", 800, 1 + len(self.oracle.completions) % 59))

    @property
    def held(self):
        return [completion for completion in self.oracle.completions if completion.held]

    # The same calls to product and oracle

    def compare_reverse_since(self, actor, name, choice):
        product_choice = self.choice_of(name, choice)
        plan, lines = plan_reversal_since(product_choice), self.oracle.meant(name, choice)
        planned = [self.oracle.entries_of(name)[line.sequence - 1] for line in plan.lines]
        assert planned == self.oracle.within_balance(name, lines)
        assert plan.after.total_xp == self.oracle.total(name) - sum(entry.delta for entry in planned)
        about = {"reason": "Invented", "note": "Seen.", "actor": self.world.people[actor], "at": self.oracle.now}
        self.both(
            lambda: self.oracle.reverse_since(actor, name, choice),
            lambda: reverse_or_request(product_choice, **about),
        )

    def choice_of(self, name, choice):
        return ProductChoice(
            learner_id=self.world.people[name].pk,
            until=choice.until.isoformat(),
            since=choice.since and choice.since.isoformat(),
            level_id=self.world.levels[choice.level].pk if choice.level else None,
            source=choice.source,
            trust=choice.trust,
            adjustments=choice.adjustments,
        )

    def decide(self, actor, people, *, release):
        completions = Completion.objects.filter(learner__in=[self.world.people[name] for name in people])
        decision = decision_about(completions, release=release, actor=self.world.people[actor])
        return decide_or_request(decision, note="Seen.", actor=self.world.people[actor], at=self.oracle.now)

    def run_jobs(self):
        self.oracle.run_job()
        with time_machine.travel(self.oracle.now, tick=False):
            while job := run_next_portion():
                assert not job.error

    def row_of(self, completion) -> Completion:
        return Completion.objects.order_by("pk")[self.oracle.completions.index(completion)]

    def check_decided(self, decided):
        for expected in decided:
            row = self.row_of(expected)
            expected.answer = row.answer
            words = REFUSED if expected.refused else None
            assert (row.answer["held"], row.answer["held_reason"]) == (expected.held, words)
            assert (row.answer["awarded_xp"], row.answer["streak"]) == (expected.awarded, expected.streak)

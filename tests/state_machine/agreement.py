"""Product and oracle are told the same and must agree: on each answer, and after each step on every row."""

import json
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.test import override_settings
from hypothesis.stateful import RuleBasedStateMachine, invariant
from rest_framework.exceptions import APIException

from gamification import services as gamification
from gamification.audit import find_mismatches
from gamification.models import LearnerProfile, LedgerEntry
from levels.models import Level
from tracking import completions, services
from tracking.models import Completion, LearningSession
from tracking.progress import progress_of
from tracking.training import Result, submit_training

from .oracle import Oracle, RefusedError
from .prices import player_level
from .world import BEGINNING, LEARNERS, LEVELS, World


def as_stored(answer: dict) -> dict:
    return json.loads(json.dumps(answer, cls=DjangoJSONEncoder))


class Walk(RuleBasedStateMachine):
    """Begins with no deed; rolled back at its end."""

    steps = 0  # of all walks together

    def __init__(self, world: World):
        super().__init__()
        self.world, self.names = world, {person.pk: name for name, person in world.people.items()}
        self.oracle = Oracle(LEVELS, now=BEGINNING, ceiling=None)
        self.settings = override_settings(XP_PER_HOUR_CEILING=None)
        self.settings.enable()
        self.walk = transaction.atomic()
        self.walk.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.walk.__exit__(None, None, None)
        self.settings.disable()

    def both(self, expected, call):
        """What the oracle and the product made of it; None where both refuse, for the same reason."""
        refusal = code = None
        try:
            expected = expected()
        except RefusedError as error:
            refusal = str(error)
        try:
            told = call()
        except APIException as error:
            code = error.default_code
        assert code == refusal
        return None if refusal else (expected, told)

    def tell_completion(self, name, claim, *, reference=None):
        product_claim = completions.Claim(
            level=reference or claim.level,
            score=claim.score,
            time_spent=claim.time_spent,
            difficulty=claim.difficulty,
            metadata={} if claim.hints is None else {"hints_used": claim.hints},
            client_event_id=claim.event_id and UUID(claim.event_id),
            occurred_at=claim.occurred_at,
        )
        told = self.both(
            lambda: self.oracle.complete(name, claim),
            lambda: services.complete_level(
                learner=self.world.people[name], claim=product_claim, source="api", at=self.oracle.now
            ),
        )
        self.check_outcome(told, shape="level")

    def tell_end(self, name, sitting, score, hints):
        told = self.both(
            lambda: self.oracle.end(name, sitting, score=score, hints=hints),
            lambda: services.end_session(
                learner=self.world.people[name],
                session_id=sitting.pk,
                score=score,
                metadata={} if hints is None else {"hints_used": hints},
                source="api",
                at=self.oracle.now,
            ),
        )
        self.check_outcome(told, shape="session")

    def tell_submit(self, name, sitting, score, hints):
        told = self.both(
            lambda: self.oracle.submit(name, sitting, score=score, hints=hints),
            lambda: services.submit_attempt(
                learner=self.world.people[name],
                attempt_id=sitting.pk,
                score=score,
                metadata={} if hints is None else {"hints_used": hints},
                source="api",
                at=self.oracle.now,
            ),
        )
        if told:
            (deed, is_new), completion = told
            self.check_answer(deed, is_new, as_stored(completion.answer))

    def tell_training(self, name, claim, asked):
        result = Result(claim.level, claim.score, asked, claim.right, claim.time_spent)
        told = self.both(
            lambda: self.oracle.train(name, claim),
            lambda: submit_training(learner=self.world.people[name], result=result, source="api", at=self.oracle.now),
        )
        if told:
            (deed, is_new), answer = told
            is_completed = self.oracle.has_passed(name, claim.level)
            assert (answer.pop("status"), answer.pop("next_level_id")) == (
                "completed" if is_completed else "unlocked",
                None,
            )
            self.check_answer(deed, is_new, as_stored(answer))

    def tell_adjustment(self, actor, name, amount, reference):
        self.both(
            lambda: self.oracle.adjust(actor, name, amount, reference),
            lambda: gamification.adjust(
                learner_id=self.world.people[name].pk,
                amount=amount,
                reason="A gift",
                actor=self.world.people[actor],
                at=self.oracle.now,
                reference_id=reference,
            ),
        )

    def tell_reversal(self, actor, line):
        sequence = self.oracle.lines_of(line.who).index(line) + 1
        entry = LedgerEntry.objects.get(learner=self.world.people[line.who], sequence=sequence)
        self.both(
            lambda: self.oracle.reverse(actor, line),
            lambda: gamification.reverse(entry, actor=self.world.people[actor], note="", at=self.oracle.now),
        )

    def check_outcome(self, told, *, shape):
        if not told:
            return
        (deed, is_new), outcome = told
        answer = as_stored(outcome.answer)
        assert outcome.is_new == is_new
        assert shape in answer
        self.check_answer(deed, is_new, answer)

    def check_answer(self, deed, is_new, answer):
        if is_new:
            deed.answer = answer
            self.check_first_answer(deed, answer)
        for key in answer.keys() & deed.answer.keys():
            assert answer[key] == deed.answer[key], key

    def check_first_answer(self, deed, answer):
        total = self.oracle.total(deed.who)
        assert answer["held"] == deed.held
        assert answer["awarded_xp"] == deed.awarded == sum(factor["value"] for factor in answer["xp_breakdown"])
        assert answer["total_awarded_xp"] == sum(entry["delta"] for entry in answer["entries"])
        assert answer["new_total_xp"] == total
        assert answer["player_level"] == player_level(total, self.oracle.rules)
        assert answer["level_up"] == (
            answer["player_level"] > player_level(total - answer["total_awarded_xp"], self.oracle.rules)
        )

    @invariant()
    def product_and_oracle_agree(self):
        type(self).steps += 1
        assert find_mismatches() == []
        completions = self.check_completions()
        self.check_sessions()
        self.check_ledger(completions)

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
        fields = ["sequence", "delta", "balance_after", "reason", "rule_set_id", "effective_at", "created_at"]
        rows = list(
            LedgerEntry.objects.order_by("pk").values_list("reference_type", "reference_id", "learner_id", *fields)
        )
        assert [(self.names[learner_id], *row) for _, _, learner_id, *row in rows] == self.expected_lines()
        totals = LearnerProfile.objects.filter(total_xp__gt=0).values_list("user_id", "total_xp")
        expected = {name: self.oracle.total(name) for name in LEARNERS if self.oracle.total(name)}
        assert {self.names[pk]: total for pk, total in totals} == expected
        # Paid to whoever did it, at most once; the oracle aside, so that it need not be trusted in this.
        paid = [(row[2], int(row[1])) for row in rows if row[0] == "completion" and row[6] != "reversal"]
        assert len(paid) == len(set(paid))
        assert set(paid) <= set(completions)

    def expected_lines(self) -> list[tuple]:
        lines, position = [], {}
        for line in self.oracle.lines:
            sequence, balance = position.get(line.who, (0, 0))
            position[line.who] = sequence, balance = sequence + 1, balance + line.delta
            of_line = line.delta, balance, line.reason, line.version, line.effective_at, line.created_at
            lines.append((line.who, sequence, *of_line))
        return lines

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

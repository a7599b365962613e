"""Product and oracle are told the same and must agree on each answer; on the rows, see `checks`."""

import json
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.test import override_settings
from rest_framework.exceptions import APIException

from gamification.awards import activity, adjustments
from gamification.models import LedgerEntry
from gamification.staff.awards import revoke_achievement, revoke_badge
from gamification.staff.reversal_plans import plan_reversal
from skillquest.accounts.services import change_account
from tracking.recording import completions, services
from tracking.training.services import Result, submit_training

from .checks import Checks
from .deeds import RefusedError
from .oracle import Oracle
from .world import BEGINNING, LEVELS, PRIZES, World

LINES_IN_ORDER = [
    *("session_completion", "level_completion", "attempt_passed", "training_progress"),
    *("streak_bonus", "achievement"),
]


def as_stored(answer: dict) -> dict:
    return json.loads(json.dumps(answer, cls=DjangoJSONEncoder))


def keys_of(earned) -> set[str]:
    return {row.achievement_id for row in earned.achievements} | {row.name for row in earned.badges}


class Walk(Checks):
    """Begins with no deed; rolled back at its end."""

    def __init__(self, world: World):
        super().__init__(world, Oracle(LEVELS, PRIZES, now=BEGINNING))
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

    def tell_check_in(self, name):
        (action, unlocked), told = self.both(
            lambda: self.oracle.check_in(name),
            lambda: activity.check_in(self.world.people[name].pk, at=self.oracle.now),
        )
        assert (told.action, keys_of(told.earned)) == (action, unlocked)

    def tell_protection(self, name):
        self.both(
            lambda: self.oracle.protect(name),
            lambda: activity.protect_today(self.world.people[name].pk, at=self.oracle.now),
        )

    def tell_check(self, name):
        unlocked, told = self.both(
            lambda: self.oracle.check(name),
            lambda: activity.check_achievements(self.world.people[name].pk, at=self.oracle.now),
        )
        assert keys_of(told.earned) == unlocked

    def tell_choice(self, name, oracles, **changes):
        person = self.world.people[name]
        self.both(oracles, lambda: change_account(user=person, changes=changes, at=self.oracle.now))

    def tell_adjustment(self, actor, name, amount, reference):
        self.both(
            lambda: self.oracle.adjust(actor, name, amount, reference),
            lambda: adjustments.adjust_xp(
                learner_id=self.world.people[name].pk,
                amount=amount,
                reason="A gift",
                actor=self.world.people[actor],
                at=self.oracle.now,
                reference_id=reference,
            ),
        )

    def tell_reversal(self, actor, line):
        entry, actor_row = self.entry_of(line), self.world.people[actor]
        plan = plan_reversal(entry, actor=actor_row, at=self.oracle.now)
        told = self.both(
            lambda: self.oracle.reverse(actor, line),
            lambda: adjustments.reverse(entry, actor=actor_row, note="", at=self.oracle.now),
        )
        assert (plan.refusal is None) == (told is not None)
        if told:
            assert plan.after.total_xp == self.oracle.total(line.who)

    def entry_of(self, line) -> LedgerEntry:
        mine = LedgerEntry.objects.filter(learner=self.world.people[line.who])
        if line.reason == "achievement":
            return mine.get(reference_type="achievement", reference_id=line.reference, reversal_of=None)
        return mine.get(sequence=self.oracle.lines_of(line.who).index(line) + 1)

    def tell_revocation(self, actor, name, prize):
        row = self.world.prizes[prize.key]
        kind, revoke = ("badge", revoke_badge) if prize.is_badge else ("achievement", revoke_achievement)
        about = {"learner_id": self.world.people[name].pk, "actor": self.world.people[actor], kind: row}
        self.both(
            lambda: self.oracle.revoke(actor, name, prize.key),
            lambda: revoke(**about, at=self.oracle.now),
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
            self.check_first_answer(deed, answer)
        for key in answer.keys() & deed.answer.keys():
            assert answer[key] == deed.answer[key], key

    def check_first_answer(self, deed, answer):
        deed.answer, total = answer, self.oracle.total(deed.who)
        assert (answer["held"], answer["streak"]) == (deed.held, deed.streak)
        assert answer["awarded_xp"] == deed.awarded == sum(factor["value"] for factor in answer["xp_breakdown"])
        assert answer["total_awarded_xp"] == sum(entry["delta"] for entry in answer["entries"])
        assert answer["new_total_xp"] == total
        achievements = {row["achievement_id"] for row in answer["unlocked_achievements"]}
        assert achievements | {row["name"] for row in answer["unlocked_badges"]} == deed.unlocked
        reasons = [entry["reason"] for entry in answer["entries"]]
        assert reasons == sorted(reasons, key=LINES_IN_ORDER.index)
        assert answer["player_level"] == self.oracle.level_of(total)
        before = self.oracle.level_of(total - answer["total_awarded_xp"])
        assert answer["level_up"] == (answer["player_level"] > before)

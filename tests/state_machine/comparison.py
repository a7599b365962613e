"""The same calls to product and oracle, whose answers must agree; `checks` compares the rows."""

import json
from contextlib import ExitStack
from itertools import count
from unittest.mock import patch
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.test import override_settings
from rest_framework.exceptions import APIException

from gamification.awards import activity, adjustments
from gamification.models import LedgerEntry
from gamification.staff.awards import revoke_achievement, revoke_badge
from gamification.staff.reversal_plans import plan_reversal
from gamification.staff.standings import set_board_standing
from skillquest.accounts.services import change_account
from tracking.recording import completions, services
from tracking.training.services import Result, submit_training

from .checks import Checks
from .oracle_bulk import BulkOracle
from .records import RefusedError
from .world import BEGINNING, EXPERT, JOINED, LAST_ANSWERED, LEVELS, LONG_KNOWN, PRIZES, World

ENTRIES_IN_ORDER = [
    *("session_completion", "level_completion", "attempt_passed", "training_progress"),
    *("streak_bonus", "achievement"),
]


def as_stored(answer: dict) -> dict:
    return json.loads(json.dumps(answer, cls=DjangoJSONEncoder))


def keys_of(earned) -> set[str]:
    return {row.achievement_id for row in earned.achievements} | {row.name for row in earned.badges}


def keys_of_answer(answer: dict) -> set[str]:
    achievements = {row["achievement_id"] for row in answer["unlocked_achievements"]}
    return achievements | {row["name"] for row in answer["unlocked_badges"]}


class Comparison(Checks):
    """Begins without completions; rolled back at its end."""

    def __init__(self, world: World):
        super().__init__(world, BulkOracle(LEVELS, PRIZES, now=BEGINNING, joined=JOINED))
        for question in LONG_KNOWN:
            self.oracle.remember(EXPERT, question, right=True, at=LAST_ANSWERED)
        self.changes = ExitStack()
        self.changes.enter_context(override_settings(TRUST_LIMITS=False, XP_APPROVAL_ABOVE=10**9))
        # Jobs run in several portions, and the same steps draw the same questions each time.
        self.changes.enter_context(patch("gamification.staff.bulk_reversal_jobs.PORTION", 3))
        self.changes.enter_context(patch("tracking.staff.held_results.PORTION", 2))
        seeds = count()
        self.changes.enter_context(patch("tracking.plays.services.token_hex", lambda _: f"{next(seeds):032}"))
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        self.changes.close()

    def both(self, expected, call):
        """The results of oracle and product; None where both refuse with the same code."""
        refusal = code = None
        try:
            expected = expected()
        except RefusedError as error:
            refusal = str(error)
        try:
            result = call()
        except APIException as error:
            code = error.default_code
        assert code == refusal
        return None if refusal else (expected, result)

    def compare_completion(self, name, claim, *, reference=None):
        product_claim = completions.Claim(
            level=reference or claim.level,
            score=claim.score,
            time_spent=claim.time_spent,
            difficulty=claim.difficulty,
            metadata={} if claim.hints is None else {"hints_used": claim.hints},
            client_event_id=claim.event_id and UUID(claim.event_id),
            occurred_at=claim.occurred_at,
        )
        results = self.both(
            lambda: self.oracle.complete(name, claim),
            lambda: services.complete_level(
                learner=self.world.people[name], claim=product_claim, source="api", at=self.oracle.now
            ),
        )
        self.check_outcome(results, shape="level")

    def compare_session_end(self, name, session, score, hints):
        results = self.both(
            lambda: self.oracle.end(name, session, score=score, hints=hints),
            lambda: services.end_session(
                learner=self.world.people[name],
                session_id=session.pk,
                score=score,
                metadata={} if hints is None else {"hints_used": hints},
                source="api",
                at=self.oracle.now,
            ),
        )
        self.check_outcome(results, shape="session")

    def compare_attempt(self, name, session, score, hints):
        results = self.both(
            lambda: self.oracle.submit(name, session, score=score, hints=hints),
            lambda: services.submit_attempt(
                learner=self.world.people[name],
                attempt_id=session.pk,
                score=score,
                metadata={} if hints is None else {"hints_used": hints},
                source="api",
                at=self.oracle.now,
            ),
        )
        if results:
            (expected, is_new), completion = results
            self.check_answer(expected, is_new, as_stored(completion.answer))

    def compare_training(self, name, claim, asked):
        result = Result(claim.level, claim.score, asked, claim.right, claim.time_spent)
        results = self.both(
            lambda: self.oracle.train(name, claim),
            lambda: submit_training(learner=self.world.people[name], result=result, source="api", at=self.oracle.now),
        )
        if results:
            (completion, is_new), answer = results
            is_completed = self.oracle.has_passed(name, claim.level)
            assert (answer.pop("status"), answer.pop("next_level_id")) == (
                "completed" if is_completed else "unlocked",
                None,
            )
            self.check_answer(completion, is_new, as_stored(answer))

    def compare_check_in(self, name):
        (action, unlocked), answer = self.both(
            lambda: self.oracle.check_in(name),
            lambda: activity.check_in(self.world.people[name].pk, at=self.oracle.now),
        )
        assert (answer.action, keys_of(answer.earned)) == (action, unlocked)

    def compare_protection(self, name):
        self.both(
            lambda: self.oracle.protect(name),
            lambda: activity.protect_today(self.world.people[name].pk, at=self.oracle.now),
        )

    def compare_check(self, name):
        unlocked, answer = self.both(
            lambda: self.oracle.check(name),
            lambda: activity.check_achievements(self.world.people[name].pk, at=self.oracle.now),
        )
        assert keys_of(answer.earned) == unlocked

    def compare_account_change(self, name, change, **changes):
        person = self.world.people[name]
        self.both(change, lambda: change_account(user=person, changes=changes, at=self.oracle.now))

    def compare_standing(self, actor, name, standing):
        about = {"learner_id": self.world.people[name].pk, "actor": self.world.people[actor], "at": self.oracle.now}
        self.both(
            lambda: self.oracle.set_standing(actor, name, standing),
            lambda: set_board_standing(standing=standing, until=None, reason="A question", note="Asked.", **about),
        )

    def compare_adjustment(self, actor, name, amount, reference):
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

    def compare_reversal(self, actor, expected):
        entry, actor_row = self.entry_of(expected), self.world.people[actor]
        plan = plan_reversal(entry, actor=actor_row, at=self.oracle.now)
        results = self.both(
            lambda: self.oracle.reverse(actor, expected),
            lambda: adjustments.reverse(entry, actor=actor_row, note="", at=self.oracle.now),
        )
        assert (plan.refusal is None) == (results is not None)
        if results:
            assert plan.after.total_xp == self.oracle.total(expected.who)

    def entry_of(self, entry) -> LedgerEntry:
        mine = LedgerEntry.objects.filter(learner=self.world.people[entry.who])
        if entry.reason == "achievement":
            return mine.get(reference_type="achievement", reference_id=entry.reference, reversal_of=None)
        return mine.get(sequence=self.oracle.entries_of(entry.who).index(entry) + 1)

    def compare_revocation(self, actor, name, prize):
        row = self.world.prizes[prize.key]
        kind, revoke = ("badge", revoke_badge) if prize.is_badge else ("achievement", revoke_achievement)
        about = {"learner_id": self.world.people[name].pk, "actor": self.world.people[actor], kind: row}
        self.both(
            lambda: self.oracle.revoke(actor, name, prize.key),
            lambda: revoke(**about, at=self.oracle.now),
        )

    def check_outcome(self, results, *, shape):
        if not results:
            return
        (completion, is_new), outcome = results
        answer = as_stored(outcome.answer)
        assert outcome.is_new == is_new
        assert shape in answer
        self.check_answer(completion, is_new, answer)

    def check_answer(self, completion, is_new, answer):
        if is_new:
            self.check_first_answer(completion, answer)
        for key in answer.keys() & completion.answer.keys():
            assert answer[key] == completion.answer[key], key

    def check_first_answer(self, completion, answer):
        completion.answer, total = answer, self.oracle.total(completion.who)
        assert (answer["held"], answer["streak"]) == (completion.held, completion.streak)
        assert answer["awarded_xp"] == completion.awarded == sum(factor["value"] for factor in answer["xp_breakdown"])
        assert answer["total_awarded_xp"] == sum(entry["delta"] for entry in answer["entries"])
        assert answer["new_total_xp"] == total
        assert keys_of_answer(answer) == completion.unlocked
        reasons = [entry["reason"] for entry in answer["entries"]]
        assert reasons == sorted(reasons, key=ENTRIES_IN_ORDER.index)
        assert answer["player_level"] == self.oracle.level_of(total)
        before = self.oracle.level_of(total - answer["total_awarded_xp"])
        assert answer["level_up"] == (answer["player_level"] > before)

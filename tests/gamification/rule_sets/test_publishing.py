import copy

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from gamification.errors import NotADraft
from gamification.models import LedgerEntry, XPRuleSet
from gamification.pricing.rules import DEFAULT_RULES
from gamification.profiles.standing import player_level
from gamification.rule_sets.publishing import publish_rule_set
from tests.factories import LevelFactory, UserFactory
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

pytestmark = pytest.mark.django_db


def draft(version=2, **changes):
    rules = copy.deepcopy(DEFAULT_RULES)
    for part, values in changes.items():
        rules[part] = {**rules[part], **values} if isinstance(values, dict) else values
    return XPRuleSet.objects.create(version=version, rules=rules)


def play(learner, score):
    claim = Claim("arena", score)
    return complete_level(learner=learner, claim=claim, source="api", at=timezone.now()).answer


def test_each_entry_stores_the_rule_set_version_that_paid_it(learner):
    LevelFactory(level_id="arena", kind="mode")
    play(learner, 1)
    publish_rule_set(draft(formula={"base": 50}), at=timezone.now())
    play(learner, 2)
    entries = LedgerEntry.objects.order_by("sequence").values_list("delta", "rule_set_id")
    assert list(entries) == [(10, 1), (50, 2)]


def test_the_curve_is_a_choice_of_the_rule_set():
    publish_rule_set(draft(curve={"kind": "quadratic"}), at=timezone.now())
    assert (player_level(399).level, player_level(400).level) == (2, 3)


def test_a_daily_cap_limits_what_completions_pay(learner):
    LevelFactory(level_id="arena", kind="mode")
    publish_rule_set(draft(daily_xp_cap=25), at=timezone.now())
    assert [play(learner, score)["awarded_xp"] for score in [1, 2, 3, 4]] == [10, 10, 5, 0]
    assert [play(UserFactory(), 1)["awarded_xp"]] == [10]


def test_a_published_version_never_changes():
    published = XPRuleSet.objects.get()
    published.rules["formula"]["base"] = 1_000
    with pytest.raises(ValidationError):
        published.save()


def test_a_broken_draft_is_not_published():
    with pytest.raises(ValidationError):
        publish_rule_set(draft(formula={"base": "ten"}), at=timezone.now())
    assert XPRuleSet.objects.published().get().version == 1


def test_a_retired_version_cannot_be_published_again():
    publish_rule_set(draft(), at=timezone.now())
    with pytest.raises(NotADraft):
        publish_rule_set(XPRuleSet.objects.get(version=1), at=timezone.now())


def test_one_version_is_in_force():
    with pytest.raises(IntegrityError), transaction.atomic():
        XPRuleSet.objects.create(version=2, status="published")

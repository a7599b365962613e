"""Publishing rules and limits, edits of achievements and grants above the limit take two people."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from approvals.errors import EarnedFromIt, OwnRequest, RequestOutdated
from approvals.models import ApprovalRequest
from approvals.services import approve
from catalogues.editing import fingerprint
from gamification.earnables.unlocking import earn_all
from gamification.errors import DraftChanged, OtherRulesInForce
from gamification.models import Achievement, LearnerProfile, LimitSet, Unlock, XPRuleSet
from gamification.rule_sets.publishing import publish_rule_set
from gamification.staff.grant_approvals import grant_or_request
from jobs.models import Job
from jobs.running import run_next_portion
from tests.factories import StaffFactory, UserFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def boss():
    return StaffFactory()


def browser_of(person):
    client = Client()
    client.force_login(person)
    return client


def asked():
    return ApprovalRequest.objects.get()


def decide_page(person):
    return browser_of(person).get(f"/admin/approvals/approvalrequest/{asked().pk}/decide/").content.decode()


# --- Rules and limits -------------------------------------------------------------------------------------------------

VERSIONS = pytest.mark.parametrize("model", [XPRuleSet, LimitSet], ids=lambda model: model.__name__)


def draft_of(model):
    in_force = model.objects.published().get()
    fields = {"rules": in_force.rules} if model is XPRuleSet else {"limits": in_force.limits}
    return model.objects.create(version=in_force.version + 1, note="More for all", **fields)


def ask_to_publish(person, draft):
    address = f"/admin/gamification/{draft._meta.model_name}/{draft.pk}/publish/"
    browser = browser_of(person)
    return browser.post(address, browser.get(address).context["form"].initial, follow=True)


def statuses(model):
    return dict(model.objects.values_list("version", "status"))


@VERSIONS
def test_publishing_a_version_waits_for_a_second_person(model, staff, boss):
    page = ask_to_publish(staff, draft_of(model)).content.decode()
    assert "A colleague has to approve it." in page
    assert statuses(model) == {1: "published", 2: "draft"}
    with pytest.raises(OwnRequest):
        approve(asked().pk, actor=staff, at=NOW)
    approve(asked().pk, actor=boss, at=NOW)
    assert statuses(model) == {1: "retired", 2: "published"}


@VERSIONS
def test_a_draft_that_was_edited_since_is_not_published(model, staff, boss):
    draft = draft_of(model)
    ask_to_publish(staff, draft)
    draft.note = "Even more"
    draft.save()
    with pytest.raises(DraftChanged):
        approve(asked().pk, actor=boss, at=NOW)
    assert statuses(model) == {1: "published", 2: "draft"}


def test_a_comparison_with_rules_that_are_no_longer_in_force_is_not_approved(staff, boss):
    draft = draft_of(XPRuleSet)
    ask_to_publish(staff, draft)
    publish_rule_set(XPRuleSet.objects.create(version=3, note="Meanwhile"), at=NOW)
    with pytest.raises(OtherRulesInForce):
        approve(asked().pk, actor=boss, at=NOW)
    assert "Another version came into force meanwhile." in decide_page(boss)


def test_a_draft_that_was_deleted_since_is_not_published(staff, boss):
    draft = draft_of(XPRuleSet)
    ask_to_publish(staff, draft)
    draft.delete()
    with pytest.raises(RequestOutdated):
        approve(asked().pk, actor=boss, at=NOW)


def test_the_page_names_each_number_that_changes(staff, boss):
    draft = draft_of(XPRuleSet)
    draft.rules["formula"]["base"] = 77
    draft.save()
    ask_to_publish(staff, draft)
    assert "formula.base: 10 becomes 77." in decide_page(boss)
    assert statuses(XPRuleSet) == {1: "published", 2: "draft"}


def test_asking_twice_makes_one_request(staff):
    draft = draft_of(XPRuleSet)
    for _ in range(2):
        ask_to_publish(staff, draft)
    assert ApprovalRequest.objects.count() == 1


def test_a_limit_that_nothing_exceeds_lets_one_person_publish(staff, settings):
    settings.XP_APPROVAL_ABOVE = 1_000_000
    ask_to_publish(staff, draft_of(XPRuleSet))
    assert statuses(XPRuleSet) == {1: "retired", 2: "published"}


# --- Achievements -----------------------------------------------------------------------------------------------------

CONDITION = {"type": "xp", "threshold": 5}
OTHER_CONDITION = {"type": "xp", "threshold": 6}


def form_of(achievement, **changes):
    names = ["name", "achievement_id", "description", "icon", "category", "rarity", "position", "xp_reward", "language"]
    values = {name: getattr(achievement, name) for name in names}
    flags = {name: "on" for name in ("published", "hidden") if getattr(achievement, name)}
    opened = {"opened": fingerprint(achievement)} if achievement.pk else {}
    form = {**values, **flags, **opened, "condition": achievement.condition, **changes}
    return {name: value for name, value in {**form, "condition": json.dumps(form["condition"])}.items() if value != ""}


def edit(person, achievement, **changes):
    address = f"/admin/gamification/achievement/{achievement.pk}/change/" if achievement.pk else ADD
    return browser_of(person).post(address, form_of(achievement, **changes), follow=True).content.decode()


ADD = "/admin/gamification/achievement/add/"


@pytest.mark.parametrize(
    ("before", "change", "waits"),
    [
        ({"xp_reward": 10}, {"xp_reward": 1_000}, False),
        ({"xp_reward": 10}, {"xp_reward": 1_001}, True),
        ({"xp_reward": 2_000}, {"xp_reward": 2_001}, True),
        ({"xp_reward": 2_000}, {"xp_reward": 1_500}, False),
        ({"xp_reward": 2_000, "published": False}, {"published": "on"}, True),
        ({"xp_reward": 1_000, "published": False}, {"published": "on"}, False),
        ({"xp_reward": 2_000}, {"condition": OTHER_CONDITION}, True),
        ({"xp_reward": 2_000, "published": False}, {"condition": OTHER_CONDITION}, False),
        ({"xp_reward": 2_000}, {"description": "Well done."}, False),
    ],
)
def test_which_edits_of_an_achievement_wait(staff, before, change, waits):
    achievement = AchievementFactory(condition=CONDITION, **before)
    page = edit(staff, achievement, **change)
    assert ("Nothing is saved yet" in page, ApprovalRequest.objects.count()) == (waits, int(waits))
    stored = fingerprint(Achievement.objects.get())
    assert (stored == fingerprint(achievement)) == waits


def test_the_edits_of_one_person_within_a_day_count_together(staff, boss):
    """Otherwise one person could give a learner any amount by many small achievements."""
    made = [AchievementFactory(condition=CONDITION, xp_reward=0) for _ in range(3)]
    with time_machine.travel(NOW, tick=False) as clock:
        edit(staff, made[0], xp_reward=600)
        edit(staff, made[1], xp_reward=400)
        assert not ApprovalRequest.objects.exists()
        edit(staff, made[2], xp_reward=1)
        assert (asked().xp, Achievement.objects.get(pk=made[2].pk).xp_reward) == (1, 0)
        edit(boss, made[2], description="By somebody else.", xp_reward=2)
        assert Achievement.objects.get(pk=made[2].pk).xp_reward == 2
        clock.shift(timedelta(hours=24, seconds=1))
        made[0].refresh_from_db()
        edit(staff, made[0], xp_reward=1_000)
    assert ApprovalRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_edits_of_one_person_at_the_same_moment_count_together(staff):
    browsers = [(browser_of(staff), AchievementFactory(condition=CONDITION, xp_reward=0)) for _ in range(4)]
    forms = [form_of(achievement, xp_reward=600) for _, achievement in browsers]
    addresses = [f"/admin/gamification/achievement/{achievement.pk}/change/" for _, achievement in browsers]
    pairs = zip(browsers, addresses, forms, strict=True)
    at_once([lambda b=browser, a=address, f=form: b.post(a, f) for (browser, _), address, form in pairs])
    assert sorted(Achievement.objects.values_list("xp_reward", flat=True)) == [0, 0, 0, 600]
    assert ApprovalRequest.objects.count() == 3


def test_an_approved_edit_counts_for_nobody(staff, boss):
    new = Achievement(achievement_id="rich", name="Rich", category="xp", condition=CONDITION, xp_reward=5_000)
    edit(staff, new)
    approve(asked().pk, actor=boss, at=NOW)
    for person in (staff, boss):
        edit(person, AchievementFactory(condition=CONDITION, xp_reward=0), xp_reward=1_000)
    assert ApprovalRequest.objects.count() == 1


def test_publishing_or_another_condition_counts_with_the_whole_reward(staff):
    hidden = AchievementFactory(condition=CONDITION, xp_reward=600, published=False)
    easier = AchievementFactory(condition=CONDITION, xp_reward=600)
    edit(staff, hidden, published="on")
    assert "Nothing is saved yet" in edit(staff, easier, condition=OTHER_CONDITION)
    assert "Nothing is saved yet" not in edit(staff, easier, description="Well done.")


def test_an_approved_edit_is_saved_whole(staff, boss):
    achievement = AchievementFactory(condition=CONDITION, xp_reward=10)
    edit(staff, achievement, xp_reward=5_000, description="For the brave.", condition=OTHER_CONDITION)
    page = decide_page(boss)
    assert "It pays 5000 XP (now 10) to each learner who earns it." in page
    approve(asked().pk, actor=boss, at=NOW)
    stored = Achievement.objects.get()
    assert (stored.xp_reward, stored.description, stored.condition) == (5_000, "For the brave.", OTHER_CONDITION)
    assert [row.threshold for row in stored.requirements.all()] == [6]


def test_a_new_achievement_above_the_limit_is_made_by_the_approval(staff, boss):
    new = Achievement(achievement_id="rich", name="Rich", category="xp", condition=CONDITION, xp_reward=5_000)
    edit(staff, new)
    assert not Achievement.objects.exists()
    approve(asked().pk, actor=boss, at=NOW)
    assert (Achievement.objects.get().achievement_id, Achievement.objects.get().xp_reward) == ("rich", 5_000)


def test_an_achievement_that_was_changed_since_is_not_overwritten(staff, boss):
    achievement = AchievementFactory(condition=CONDITION, xp_reward=10)
    edit(staff, achievement, xp_reward=5_000)
    Achievement.objects.update(description="Changed")
    with pytest.raises(RequestOutdated):
        approve(asked().pk, actor=boss, at=NOW)


def test_a_friend_who_earned_the_achievement_within_a_day_does_not_approve_it(staff, boss):
    achievement = AchievementFactory(condition=CONDITION, xp_reward=10)
    adjust(learner_id=boss.pk, amount=5, reason="Gift", actor=staff, at=timezone.now())
    edit(staff, achievement, xp_reward=5_000)
    with pytest.raises(EarnedFromIt):
        approve(asked().pk, actor=boss, at=timezone.now())
    approve(asked().pk, actor=boss, at=timezone.now() + timedelta(hours=24, seconds=1))


# --- Grants -----------------------------------------------------------------------------------------------------------


def rich(number):
    """Learners who have earned the achievement of `published_later`."""
    people = UserFactory.create_batch(number, profile__total_xp=0)
    for person in people:
        adjust(learner_id=person.pk, amount=10, reason="Gift", actor=StaffFactory(), at=NOW)
    return people


def published_later(xp_reward):
    return AchievementFactory(condition=CONDITION, xp_reward=xp_reward)


def run_jobs():
    while run_next_portion() is not None:
        pass


def holders():
    return set(Unlock.objects.values_list("learner_id", flat=True))


def grant(person, achievement):
    return grant_or_request(achievement, quiet=False, actor=person, at=NOW)


def test_a_grant_within_the_limit_is_done_by_one_person_who_does_not_get_it(staff):
    people = rich(2)
    adjust(learner_id=staff.pk, amount=10, reason="Gift", actor=people[0], at=NOW)
    grant(staff, published_later(500))
    run_jobs()
    assert holders() == {person.pk for person in people}


def test_a_grant_above_the_limit_in_all_waits_and_then_leaves_out_both(staff, boss):
    people = rich(3)
    for person in (staff, boss):
        adjust(learner_id=person.pk, amount=10, reason="Gift", actor=people[0], at=NOW - timedelta(days=2))
    grant(staff, published_later(500))
    assert (asked().xp, Job.objects.count()) == (2_000, 0)  # three learners and the colleague
    approve(asked().pk, actor=boss, at=NOW)
    run_jobs()
    assert holders() == {person.pk for person in people}


def test_an_achievement_that_was_changed_since_is_not_granted(staff, boss):
    rich(3)
    achievement = published_later(500)
    grant(staff, achievement)
    Achievement.objects.update(xp_reward=900)
    with pytest.raises(RequestOutdated):
        approve(asked().pk, actor=boss, at=NOW)


def test_the_page_of_a_grant_shows_the_total_and_asks_for_approval(staff, boss):
    rich(3)
    address = f"/admin/gamification/achievement/{published_later(500).pk}/backfill/"
    page = browser_of(staff).get(address)
    assert "<strong>1,500 XP</strong> in all" in page.content.decode()
    assert "Ask for approval" in page.content.decode()
    form = page.context["form"].initial | {"announce": "quiet"}
    assert "A colleague has to approve it." in browser_of(staff).post(address, form, follow=True).content.decode()
    assert "3 learners get" in decide_page(boss)
    assert not Unlock.objects.exists()


def test_whoever_was_left_out_of_a_grant_earns_it_as_everybody_does(staff):
    adjust(learner_id=staff.pk, amount=10, reason="Gift", actor=StaffFactory(), at=NOW)
    grant(staff, published_later(10))
    run_jobs()
    assert not holders()
    profile = LearnerProfile.objects.get(pk=staff.pk)
    from gamification.rule_sets.publishing import published_rules

    assert earn_all(profile, published_rules(), at=NOW).achievements


def test_editors_see_what_they_may_decide_and_nothing_about_learners(learner, staff):
    editor = StaffFactory(is_superuser=False)
    editor.user_permissions.set(Permission.objects.filter(codename="change_achievement"))
    rich(3)
    grant(staff, published_later(500))
    listed = browser_of(editor).get("/admin/approvals/approvalrequest/").content.decode()
    assert "Grant “" in listed

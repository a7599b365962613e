"""Publishing an achievement or badge that learners have earned already: staff see who gets it, and choose, before."""

import json

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils.html import escape

from approvals.models import ApprovalRequest
from approvals.services import approve
from catalogues.editing import fingerprint
from gamification.models import Achievement, BadgeAward, LearnerProfile, Unlock
from gamification.staff import earners
from jobs.models import Job
from tests.factories import StaffFactory, UserFactory

from .factories import AchievementFactory, BadgeFactory, metric

pytestmark = pytest.mark.django_db

WORDS = metric("words_learned", 10)
ASKED = "Nothing is saved yet. Choose who gets it now, and save again."


@pytest.fixture
def editor(client):
    person = StaffFactory()
    client.force_login(person)
    return person


@pytest.fixture
def earned(editor):
    return UserFactory.create_batch(2, profile__counters={"words_learned": 10})


@pytest.fixture
def draft(db):
    return AchievementFactory(name="Words", published=False, condition=WORDS, xp_reward=50)


@pytest.fixture
def save(client):
    """`save(row, published="on")` sends the form of the row as it was opened, with changes; returns the answer."""

    def save(row, **changes):
        address = reverse(f"admin:gamification_{row._meta.model_name}_change", args=[row.pk])
        return client.post(address, {**values_of(client.get(address)), **changes})

    return save


def values_of(page):
    form = page.context["adminform"].form
    bound = {form.add_prefix(name): form[name].value() for name in form.fields}
    texts = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in bound.items()}
    return {name: value for name, value in texts.items() if value is not None and value is not False}


def choose(answer, how):
    """What the second sending of the form has in addition."""
    form = answer.context["adminform"].form
    return {"grant": how, "grant_shown": form["grant_shown"].value()}


def granted():
    call_command("run_jobs", once=True)
    return list(Unlock.objects.order_by("learner").values_list("learner", "quiet"))


def test_nothing_is_saved_before_staff_have_seen_who_gets_it(save, draft, earned):
    answer = save(draft, published="on")
    page = answer.content.decode()
    assert ASKED in page
    assert "<strong>2 learners</strong> have earned it already" in page
    assert "<strong>100 XP</strong> in all" in page
    assert all(f"<li>{escape(str(learner))}</li>" in page for learner in earned)
    draft.refresh_from_db()
    assert (draft.published, Job.objects.count()) == (False, 0)


@pytest.mark.parametrize(("how", "quiet"), [("announced", False), ("quiet", True)])
def test_it_is_published_and_granted_in_one_step(save, draft, earned, how, quiet):
    answer = save(draft, published="on", **choose(save(draft, published="on"), how))
    assert answer.status_code == 302
    assert granted() == [(learner.pk, quiet) for learner in earned]
    assert set(LearnerProfile.objects.filter(user__in=earned).values_list("total_xp", flat=True)) == {50}


def test_it_is_published_and_not_granted(save, draft, earned):
    save(draft, published="on", **choose(save(draft, published="on"), "none"))
    draft.refresh_from_db()
    assert (draft.published, granted()) == (True, [])


def test_a_changed_condition_asks_too(save, earned):
    words = AchievementFactory(condition=metric("words_learned", 500), xp_reward=50)
    assert ASKED in save(words, condition=json.dumps(WORDS)).content.decode()


def test_a_choice_for_what_was_not_shown_asks_again(save, draft, earned):
    chosen = choose(save(draft, published="on"), "quiet")
    answer = save(draft, published="on", xp_reward=900, **chosen)
    assert "<strong>1,800 XP</strong> in all" in answer.content.decode()
    assert not Job.objects.exists()


@pytest.mark.usefixtures("editor")
def test_where_nobody_has_earned_it_nothing_is_asked(save, draft):
    assert save(draft, published="on").status_code == 302
    assert Achievement.objects.get().published


def test_other_edits_ask_nothing(save, earned):
    words = AchievementFactory(condition=WORDS)
    assert save(words, description="New").status_code == 302
    assert not Job.objects.exists()


def test_a_badge_asks_too(save, earned):
    badge = BadgeFactory(published=False, condition=WORDS)
    answer = save(badge, published="on")
    assert ASKED in answer.content.decode()
    save(badge, published="on", **choose(answer, "announced"))
    call_command("run_jobs", once=True)
    assert BadgeAward.objects.filter(badge=badge, quiet=False).count() == 2


def test_who_publishes_gets_nothing_by_it(save, draft, editor, earned):
    LearnerProfile.objects.of(editor.pk)
    LearnerProfile.objects.filter(pk=editor.pk).update(counters={"words_learned": 10})
    answer = save(draft, published="on")
    assert "<strong>2 learners</strong>" in answer.content.decode()
    save(draft, published="on", **choose(answer, "quiet"))
    assert editor.pk not in dict(granted())


def test_a_second_click_starts_no_second_grant(save, draft, earned):
    body = {"published": "on", **choose(save(draft, published="on"), "quiet"), "opened": fingerprint(draft)}
    assert [save(draft, **body).status_code for _ in range(2)] == [302, 200]
    assert Job.objects.count() == 1


def test_a_grant_above_the_limit_waits_while_the_edit_is_saved(save, draft, earned, settings):
    settings.XP_APPROVAL_ABOVE = 90
    StaffFactory()
    answer = save(draft, published="on")
    assert "it takes effect once a colleague has approved it" in answer.content.decode()
    save(draft, published="on", **choose(answer, "quiet"))
    request = ApprovalRequest.objects.get()
    assert (request.kind, request.xp, Achievement.objects.get().published, granted()) == ("grant", 100, True, [])


def test_an_edit_that_waits_is_granted_once_it_is_approved(save, draft, earned, settings):
    settings.XP_APPROVAL_ABOVE = 40
    boss = StaffFactory()
    save(draft, published="on", **choose(save(draft, published="on"), "quiet"))
    edit = ApprovalRequest.objects.get(kind="achievement")
    assert (Achievement.objects.get().published, granted()) == (False, [])
    approve(edit.pk, actor=boss, at=edit.requested_at)
    grant = ApprovalRequest.objects.get(kind="grant")
    assert (grant.xp, grant.payload["quiet"], granted()) == (100, True, [])
    approve(grant.pk, actor=boss, at=edit.requested_at)
    assert granted() == [(learner.pk, True) for learner in earned]


def test_counting_stops_at_a_limit(save, draft, earned, monkeypatch):
    monkeypatch.setattr(earners, "COUNTED", 1)
    answer = save(draft, published="on")
    page = answer.content.decode()
    assert "<strong>more than 1 learner</strong>" in page
    assert "<strong>more than 50 XP</strong> in all" in page
    save(draft, published="on", **choose(answer, "quiet"))
    assert (Job.objects.get().total, len(granted())) == (None, 2)


def test_twenty_names_are_shown(save, draft, editor):
    UserFactory.create_batch(21, profile__counters={"words_learned": 10})
    assert len(save(draft, published="on").context["adminform"].form.earners.names) == 20

"""The admin of achievements and badges: conditions in words, holders, awards by hand, backfills."""

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from catalogues.editing import CHANGED_MEANWHILE, fingerprint
from gamification.awards.activity import check_achievements
from gamification.models import Achievement, Badge, BadgeAward, LearnerProfile, Unlock
from gamification.staff.awards import award_badge
from jobs.models import Job
from tests.factories import StaffFactory, UserFactory

from .factories import XP_1000, AchievementFactory, BadgeFactory, metric

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)


@pytest.fixture
def editor(client):
    """Staff who edit achievements and badges, and may do nothing else."""
    user = StaffFactory(is_superuser=False)
    models = ["achievement", "badge"]
    codenames = [f"{action}_{model}" for action in ["add", "change", "view"] for model in models]
    user.user_permissions.set(Permission.objects.filter(codename__in=[*codenames, "award_badge"]))
    client.force_login(user)
    return user


def url(page, *args):
    return reverse(f"admin:gamification_{page}", args=args)


def text(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def form(**changes):
    fields = {
        "name": "Words",
        "achievement_id": "words",
        "description": "Learn 10 words",
        "icon": "bi-magic",
        "category": "vocabulary",
        "rarity": "common",
        "position": 0,
        "condition": json.dumps(metric("words_learned", 10)),
        "xp_reward": 50,
        "published": "on",
        "language": "en",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def test_a_condition_is_explained_when_it_is_saved_and_in_the_list(client, editor):
    page = text(client.post(url("achievement_add"), form(), follow=True))
    assert "“Words”: total of words learned reaches 10." in page
    assert "Total of words learned reaches 10." in page
    assert list(Achievement.objects.get().requirements.values_list("metric", "threshold")) == [("words_learned", 10)]


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("", "This field is required."),
        ("{}", "Condition: &quot;type&quot; must be one of metric, xp, level"),
        ("{", "Not JSON: line 1, column 2"),
        ('{"type": "metric", "name": "luck", "threshold": 1}', "there is no metric &quot;luck&quot;. There are"),
        ("[" * 10_000, "Not a condition: maximum recursion depth exceeded"),
        (
            '{"all": [{"type": "xp", "threshold": 0}]}',
            "Condition, part 1 of &quot;all&quot;: &quot;threshold&quot; must be",
        ),
    ],
)
def test_a_bad_condition_is_refused_with_the_reason(client, editor, condition, reason):
    assert reason in text(client.post(url("achievement_add"), form(condition=condition)))
    assert not Achievement.objects.exists()


def test_the_form_explains_conditions(client, editor):
    page = text(client.get(url("achievement_add")))
    assert "total XP reaches 1000" in page
    assert "<code>scenarios_completed</code>: number of different levels passed" in page


def test_a_badge_may_have_no_condition_but_no_empty_one(client, editor):
    fields = {"name": "By hand", "condition": "", "position": 0, "published": "on", "language": "en"}
    client.post(url("badge_add"), fields)
    assert Badge.objects.get().condition is None
    assert "Awarded by hand." in text(client.get(url("badge_changelist")))
    assert "Condition: " in text(client.post(url("badge_add"), {**fields, "name": "Empty", "condition": "{}"}))


def test_the_identifier_of_a_saved_achievement_is_read_only(client, editor):
    achievement = AchievementFactory(achievement_id="words")
    client.post(
        url("achievement_change", achievement.pk), form(achievement_id="others", opened=fingerprint(achievement))
    )
    achievement.refresh_from_db()
    assert (achievement.name, achievement.achievement_id) == ("Words", "words")


@pytest.mark.parametrize("factory", [AchievementFactory, BadgeFactory])
def test_the_second_editor_of_an_achievement_gets_a_conflict_error(client, editor, factory):
    row = factory(name="Words", description="First text")
    page = url(f"{row._meta.model_name}_change", row.pk)
    opened = client.get(page).context["adminform"].form["opened"].value()
    first = form(achievement_id=None, description="Second text", opened=opened)
    assert client.post(page, first).status_code == 302
    second = client.post(page, form(achievement_id=None, position=5, opened=opened))
    assert second.context["adminform"].form.errors["__all__"][0] == CHANGED_MEANWHILE
    row.refresh_from_db()
    assert (row.description, row.position) == ("Second text", 0)


@pytest.mark.parametrize("factory", [AchievementFactory, BadgeFactory])
def test_names_are_stored_and_searched_in_normal_form(client, editor, factory):
    row = factory(name="Cafe\u0301", description="Cafe\u0301")
    assert type(row).objects.filter(name="Caf\u00e9", description="Caf\u00e9").exists()
    page = text(client.get(url(f"{row._meta.model_name}_changelist"), {"q": "CAFE\u0301"}))
    assert "Caf\u00e9" in page.partition("result_list")[2]


@pytest.mark.parametrize(("how", "quiet"), [("announced", False), ("quiet", True)])
def test_an_achievement_is_granted_to_those_who_have_earned_it(client, editor, how, quiet):
    learners = UserFactory.create_batch(2, profile__counters={"words_learned": 10})
    words = AchievementFactory(name="Words", xp_reward=50, condition=metric("words_learned", 10))
    page = url("achievement_backfill", words.pk)
    assert "It would be earned by <strong>2 learners</strong> now" in text(client.get(page))
    job_page = client.post(page, grant_form(client, page, how))["Location"]
    assert "0 of 2" in text(client.get(job_page))
    call_command("run_jobs", once=True)
    assert "Granted to 2 learners with 100 XP in all" in text(client.get(job_page))
    assert "<strong>0 learners</strong>" in text(client.get(page))
    assert list(Unlock.objects.order_by("learner").values_list("learner", "quiet")) == [
        (learner.pk, quiet) for learner in learners
    ]
    assert set(LearnerProfile.objects.filter(user__in=learners).values_list("total_xp", flat=True)) == {50}
    job = Job.objects.get()
    said = LogEntry.objects.latest("pk").change_message
    assert said == f"Granted{' quietly' if quiet else ''} to all who have earned it (job {job.pk})."
    assert (job.state, job.created_by, job.done, job.total) == ("done", editor, 2, 2)


def test_a_second_click_starts_no_second_backfill(client, editor):
    UserFactory(profile__counters={"words_learned": 10})
    words = AchievementFactory(condition=metric("words_learned", 10))
    page = url("achievement_backfill", words.pk)
    shown = grant_form(client, page, "quiet")
    assert client.post(page, shown)["Location"] == client.post(page, shown)["Location"]
    assert Job.objects.count() == 1


def test_a_backfill_ends_when_what_it_grants_is_changed(client, editor):
    UserFactory(profile__counters={"words_learned": 10})
    words = AchievementFactory(name="Words", xp_reward=50, condition=metric("words_learned", 10))
    page = url("achievement_backfill", words.pk)
    job_page = client.post(page, grant_form(client, page, "quiet"))["Location"]
    words.xp_reward = 5_000
    words.save()
    call_command("run_jobs", once=True)
    assert "“Words” was changed meanwhile, so it is granted no further." in text(client.get(job_page))
    assert not Unlock.objects.exists()


def grant_form(client, page, how):
    return {**client.get(page).context["form"].initial, "announce": how}


def test_what_was_changed_since_the_page_was_shown_is_not_granted(client, editor):
    UserFactory(profile__counters={"words_learned": 10})
    words = AchievementFactory(name="Words", xp_reward=50, condition=metric("words_learned", 10))
    page = url("achievement_backfill", words.pk)
    shown = grant_form(client, page, "quiet")
    words.xp_reward = 5_000
    words.save()
    answer = text(client.post(page, shown, follow=True))
    assert "“Words” was changed meanwhile, so it was not granted. Look at it again." in answer
    assert not Unlock.objects.exists()


def test_nothing_is_granted_without_a_choice_or_before_publishing(client, editor):
    UserFactory(profile__counters={"words_learned": 10})
    words = AchievementFactory(condition=metric("words_learned", 10))
    assert "This field is required." in text(client.post(url("achievement_backfill", words.pk), {}))
    Achievement.objects.update(published=False)
    page = text(client.post(url("achievement_backfill", words.pk), {"announce": "quiet"}))
    assert "It would be earned by <strong>1 learner</strong> now" in page
    assert "Publish it first" in page
    assert not Unlock.objects.exists()


def test_a_badge_is_granted_to_those_who_have_earned_it(client, editor):
    learner = UserFactory(profile__counters={"words_learned": 10})
    badge = BadgeFactory(condition=metric("words_learned", 10))
    page = url("badge_backfill", badge.pk)
    client.post(page, grant_form(client, page, "announced"))
    call_command("run_jobs", once=True)
    assert list(BadgeAward.objects.values_list("learner", "quiet")) == [(learner.pk, False)]


def test_a_badge_is_awarded_and_revoked_with_a_note(client, editor, learner):
    badge = BadgeFactory(name="Helper")
    page = url("badge_by_hand", badge.pk)
    assert "Awarded by hand." in text(client.get(page))
    body = {"learner": learner.username, "action": "award", "note": "Helped others."}
    assert f"Awarded to {learner.username}." in text(client.post(page, body, follow=True))
    assert f": {learner} has it already." in text(client.post(page, body, follow=True))
    award = BadgeAward.objects.get()
    assert (award.learner, award.actor, award.note) == (learner, editor, "Helped others.")
    taken = {**body, "action": "revoke", "note": "A slip."}
    assert f"Revoked from {learner.username}." in text(client.post(page, taken, follow=True))
    assert f": {learner} does not have it." in text(client.post(page, taken, follow=True))
    award.refresh_from_db()
    assert (award.revoked_at, award.revoked_by, award.note) == (timezone.now(), editor, "A slip.")
    messages = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert list(messages) == [
        f"Awarded to {learner.username}. Helped others.",
        f"Revoked from {learner.username}. A slip.",
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"learner": "nobody"}, "There is no learner with this username."),
        ({"learner": ""}, "This field is required."),
        ({"action": "eat"}, "Select a valid choice."),
        ({"note": " "}, "This field is required."),
    ],
)
def test_a_bad_award_is_refused(client, editor, learner, change, reason):
    badge = BadgeFactory()
    body = {"learner": learner.username, "action": "award", "note": "Because.", **change}
    assert reason in text(client.post(url("badge_by_hand", badge.pk), body))
    assert not BadgeAward.objects.exists()


def test_holders_are_shown_and_cannot_be_edited(client, learner):
    client.force_login(StaffFactory())
    achievement, badge = AchievementFactory(condition=metric("words_learned", 1)), BadgeFactory()
    LearnerProfile.objects.filter(pk=learner.pk).update(counters={"words_learned": 1})
    check_achievements(learner.pk, at=timezone.now())
    award_badge(learner_id=learner.pk, badge=badge, actor=None, at=timezone.now())
    for owner, holders in [(achievement, "unlock"), (badge, "badgeaward")]:
        name = owner._meta.model_name
        link = f"{url(f'{holders}_changelist')}?{name}__id__exact={owner.pk}&amp;revoked_at__isempty=1"
        assert link in text(client.get(url(f"{name}_change", owner.pk)))
        assert learner.username in text(client.get(link.replace("&amp;", "&")))
        assert client.get(url(f"{holders}_add")).status_code == 403
        row = (Unlock if holders == "unlock" else BadgeAward).objects.get()
        assert client.post(url(f"{holders}_delete", row.pk), {"post": "yes"}).status_code == 403


PAGES = [("achievement_backfill", "achievement"), ("badge_backfill", "badge"), ("badge_by_hand", "badge")]


@pytest.mark.parametrize(("page", "model"), PAGES)
def test_every_action_requires_its_permission(client, learner, page, model):
    owner = (AchievementFactory if model == "achievement" else BadgeFactory)(condition=XP_1000)
    user = StaffFactory(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename=f"view_{model}"))
    client.force_login(user)
    for ask in [client.get, client.post]:
        assert ask(url(page, owner.pk)).status_code == 403
    client.force_login(learner)
    assert client.get(url(page, owner.pk)).status_code == 302


def test_an_achievement_that_was_unlocked_is_not_deleted(client, learner):
    client.force_login(StaffFactory())
    achievement = AchievementFactory(condition=metric("words_learned", 1))
    LearnerProfile.objects.filter(pk=learner.pk).update(counters={"words_learned": 1})
    check_achievements(learner.pk, at=timezone.now())
    page = text(client.post(url("achievement_delete", achievement.pk), {"post": "yes"}))
    assert "Cannot delete achievement" in page
    assert Achievement.objects.exists()


def test_an_invalid_stored_condition_is_shown_with_its_error(client, editor):
    AchievementFactory()
    Achievement.objects.update(condition={"type": "luck"})
    assert "Cannot be earned. Condition: " in text(client.get(url("achievement_changelist")))

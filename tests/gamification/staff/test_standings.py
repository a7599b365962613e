"""Board standing: staff take learners off the leaderboards and put them back, with a reason, for a time or for good."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import IntegrityError
from django.urls import reverse

from gamification.errors import LearnerErased, OwnStanding
from gamification.leaderboards.score_updates import refresh_all_listed, refresh_listed
from gamification.models import BoardStanding, LearnerProfile, StandingChange
from gamification.staff.standings import set_board_standing
from skillquest.accounts.services import change_account
from tests.factories import StaffFactory, UserFactory, adjust

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
UNTIL = datetime(2026, 3, 27, tzinfo=UTC)
FORM = {"standing": "under_review", "until": "2026-03-27", "reason": "Unusual results", "note": "See the report."}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def reviewer(client):
    """Staff with the permissions to change board standings and to view learners, signed in as `client`."""
    user = StaffFactory(is_superuser=False)
    codenames = ["change_board_standing", "view_learnerprofile"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    return user


@pytest.fixture
def decide(learner, staff):
    def decide(standing=BoardStanding.UNDER_REVIEW, until=None, at=NOW, actor=staff):
        return set_board_standing(
            learner_id=learner.pk, standing=standing, until=until, reason="Unusual", note="A note", actor=actor, at=at
        )

    return decide


def url_of(learner):
    return reverse("admin:gamification_learnerprofile_standing", args=[learner.pk])


def listed(learner):
    return LearnerProfile.objects.get(pk=learner.pk).listed


@pytest.mark.parametrize("standing", [BoardStanding.UNDER_REVIEW, BoardStanding.EXCLUDED])
def test_a_learner_who_is_not_ranked_is_not_listed_until_ranked_again(decide, learner, standing):
    decide(standing)
    assert not listed(learner)
    decide(BoardStanding.RANKED)
    assert listed(learner)
    assert list(StandingChange.objects.values_list("standing", flat=True)) == ["ranked", standing]


def test_xp_keeps_counting_while_a_learner_is_under_review(decide, learner, staff):
    decide()
    adjust(learner_id=learner.pk, amount=10, reason="Prize", actor=staff, at=NOW)
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == 10
    assert not listed(learner)


def test_opting_in_again_does_not_end_a_review(decide, learner):
    decide()
    change_account(user=learner, changes={"leaderboard_opt_out": True}, at=NOW)
    change_account(user=learner, changes={"leaderboard_opt_out": False}, at=NOW)
    assert not listed(learner)


def test_the_end_of_a_review_does_not_list_who_opted_out(decide, learner):
    change_account(user=learner, changes={"leaderboard_opt_out": True}, at=NOW)
    decide()
    decide(BoardStanding.RANKED)
    assert not listed(learner)


def test_a_standing_that_has_ended_counts_as_ranked(decide, learner):
    decide(until=UNTIL)
    profile = LearnerProfile.objects.get(pk=learner.pk)
    moments = [UNTIL - timedelta(seconds=1), UNTIL]
    assert [profile.standing_at(moment) for moment in moments] == ["under_review", "ranked"]


@pytest.mark.parametrize("command", ["lift_board_standings", "rebuild_leaderboards"])
def test_learners_are_listed_again_when_their_time_is_over(decide, learner, command, time_machine):
    decide(until=UNTIL)
    time_machine.move_to(UNTIL - timedelta(seconds=1), tick=False)
    call_command(command, verbosity=0)
    assert not listed(learner)
    time_machine.move_to(UNTIL, tick=False)
    call_command(command, verbosity=0)
    assert listed(learner)


def test_any_refresh_of_a_learner_lifts_a_standing_that_has_ended(decide, learner):
    decide(until=UNTIL)
    refresh_listed(learner.pk, at=UNTIL)
    assert listed(learner)


def test_refreshing_all_takes_off_who_is_listed_by_mistake(decide, learner):
    decide()
    LearnerProfile.objects.update(listed=True)
    assert refresh_all_listed(at=NOW) == 1
    assert not listed(learner)


def test_nobody_changes_their_own_standing(decide, learner, client):
    with pytest.raises(OwnStanding):
        decide(actor=learner)
    boss = StaffFactory()
    client.force_login(boss)
    answer = client.post(url_of(boss), FORM, follow=True)
    assert "Nobody changes their own board standing." in answer.content.decode()
    assert StandingChange.objects.count() == 0


def test_the_database_refuses_ones_own_standing(learner):
    row = {"learner": learner, "reason": "x", "note": "x", "created_at": NOW}
    with pytest.raises(IntegrityError, match="standing_not_ones_own"):
        StandingChange.objects.create(standing="excluded", actor=learner, **row)


def test_the_database_refuses_an_end_of_being_ranked(learner, staff):
    row = {"learner": learner, "reason": "x", "note": "x", "created_at": NOW}
    with pytest.raises(IntegrityError, match="ranked_without_an_end"):
        StandingChange.objects.create(standing="ranked", until=UNTIL, actor=staff, **row)


def test_the_standing_of_an_erased_learner_is_not_changed(decide, learner):
    LearnerProfile.objects.filter(pk=learner.pk).update(erased_at=NOW)
    with pytest.raises(LearnerErased):
        decide()


def test_the_form_changes_the_standing_and_the_admin_logs_it(client, reviewer, learner):
    assert client.post(url_of(learner), FORM).status_code == 302
    change = StandingChange.objects.get()
    assert (change.standing, change.until, change.reason, change.note) == (
        "under_review",
        UNTIL,
        "Unusual results",
        "See the report.",
    )
    assert (change.learner, change.actor, change.created_at) == (learner, reviewer, NOW)
    assert not listed(learner)
    logged = LogEntry.objects.get()
    assert (logged.user, logged.object_id) == (reviewer, str(learner.pk))
    assert logged.change_message == (
        "Board standing: Under Review until 2026-03-27. Reason: Unusual results Note: See the report."
    )


def test_the_page_shows_the_standing_and_its_earlier_changes(client, reviewer, learner):
    assert "The board standing was never changed." in client.get(url_of(learner)).content.decode()
    client.post(url_of(learner), FORM)
    page = client.get(url_of(learner)).content.decode()
    assert "Now: <strong>Under Review</strong>." in page
    cells = re.findall(r'<td data-name="[^"]+">(.*?)</td>', page)
    assert cells[:4] == ["2026-03-20 12:00", "Under Review", "2026-03-27", str(reviewer)]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"reason": ""}, "This field is required."),
        ({"note": ""}, "This field is required."),
        ({"standing": "banished"}, "Select a valid choice."),
        ({"until": "2026-03-20"}, "Must be a day in the future."),
        ({"standing": "ranked"}, "A learner who is ranked needs no end."),
    ],
)
def test_a_form_that_is_not_valid_changes_nothing(client, reviewer, learner, changes, problem):
    page = client.post(url_of(learner), FORM | changes)
    assert problem in page.content.decode()
    assert StandingChange.objects.count() == 0


def test_staff_without_the_permission_see_no_link_and_no_form(client, learner):
    looker = StaffFactory(is_superuser=False)
    looker.user_permissions.set(Permission.objects.filter(codename__in=["award_xp", "view_learnerprofile"]))
    client.force_login(looker)
    assert client.get(url_of(learner)).status_code == client.post(url_of(learner), FORM).status_code == 403
    page = client.get(reverse("admin:gamification_learnerprofile_change", args=[learner.pk])).content.decode()
    assert url_of(learner) not in page
    assert StandingChange.objects.count() == 0


def test_the_page_of_a_learner_links_to_the_form(client, reviewer, learner):
    page = client.get(reverse("admin:gamification_learnerprofile_change", args=[learner.pk])).content.decode()
    assert url_of(learner) in page


def test_there_is_no_form_for_learners_who_do_not_exist(client, reviewer):
    assert client.get(reverse("admin:gamification_learnerprofile_standing", args=[10**9])).status_code == 404


def test_learners_and_strangers_are_sent_to_the_sign_in(client, learner):
    assert client.get(url_of(learner)).status_code == 302
    client.force_login(UserFactory())
    assert client.get(url_of(learner)).status_code == 302

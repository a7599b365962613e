"""The list of learners: found by any name, in orders that follow an index, with few statements."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.models import LearnerProfile
from skillquest.accounts.erasing import erase_person
from skillquest.learner_page.admin import LearnerPageAdmin
from tests.factories import StaffFactory, UserFactory, adjust

LIST = "/admin/gamification/learnerprofile/"


def shown(client, **query):
    return [row.user.username for row in client.get(LIST, query).context["cl"].result_list]


def set_profile(learner, **fields):
    LearnerProfile.objects.filter(pk=learner.pk).update(**fields)


def give(learner, amount):
    adjust(learner_id=learner.pk, amount=amount, reason="A gift", actor=StaffFactory(), at=timezone.now())


@pytest.fixture
def ana(db):
    return UserFactory(username="ana.ming", display_name="Zoë Ming", email="mama@example.test", external_id="pupil-77")


@pytest.mark.parametrize("text", ["ana.m", "ANA.MING", "Zoë", "zoe m", "mama@example.test", "pupil-77"])
def test_a_learner_is_found_by_any_of_their_names(client, boss, ana, text):
    UserFactory(username="other", display_name="Other", email="other@example.test", external_id="x-1")
    assert shown(client, q=text) == ["ana.ming"]


def test_a_learner_is_found_by_their_number(client, boss, ana):
    assert "ana.ming" in shown(client, q=str(ana.pk))


def test_nobody_is_found_by_a_name_that_nobody_has(client, boss, ana):
    assert shown(client, q="zzz") == []


def test_the_newest_accounts_come_first(client, boss):
    learners = UserFactory.create_batch(3)
    assert shown(client)[:3] == [each.username for each in reversed(learners)]


def test_learners_on_boards_are_shown_by_their_xp(client, boss):
    low, high, hidden, _without = UserFactory.create_batch(4)
    for learner, xp in ((low, 5), (high, 9), (hidden, 7)):
        give(learner, xp)
    set_profile(hidden, listed=False)
    assert shown(client, show="board") == [high.username, low.username]


def test_learners_off_the_boards_are_found_by_their_standing(client, boss):
    looked_at, out, _ranked = UserFactory.create_batch(3)
    set_profile(looked_at, board_standing="under_review", listed=False)
    set_profile(out, board_standing="excluded", listed=False)
    assert shown(client, show="under_review") == [looked_at.username]
    assert shown(client, show="excluded") == [out.username]


def test_the_columns_say_who_with_which_level_and_standing(client, boss, ana):
    gone = UserFactory()
    erase_person(user_id=gone.pk, at=timezone.now())
    give(ana, 150)
    set_profile(ana, last_active_day="2026-11-19")
    page = client.get(LIST).content.decode()
    for text in ("ana.ming", "Zoë Ming", "2, Novice", "Ranked", "Erased", "2026-11-19"):
        assert text in page, text


def test_the_list_takes_the_same_few_statements_for_many_learners(client, boss):
    def statements():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    UserFactory()
    few = statements()
    UserFactory.create_batch(20)
    assert statements() == few <= 12


def test_no_column_can_be_sorted_by(client, boss):
    rich, poor = UserFactory.create_batch(2)
    give(rich, 9)
    assert shown(client, o="-3")[1:3] == [poor.username, rich.username]


def test_a_long_list_counts_and_pages_only_its_beginning(client, boss, monkeypatch):
    monkeypatch.setattr("catalogues.searching.MOST_ROWS", 3)
    monkeypatch.setattr(LearnerPageAdmin, "list_per_page", 2)
    UserFactory.create_batch(4)
    assert "Only the first 3 are listed." in client.get(LIST).content.decode()
    assert [client.get(LIST, {"p": number}).status_code for number in (2, 3)] == [200, 302]

"""Searches ignore case in every script, on SQLite and on PostgreSQL."""

import pytest
from django.core.management import call_command
from django.db import connection

from levels.models import Level
from skillquest.database.letters import like
from tests.factories import LevelFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("pattern", "value", "found"),
    [
        ("%übung%", "Die ÜBUNG", True),
        ("%ÜBUNG%", "die übung", True),
        ("%привет%", "ПРИВЕТ, мир", True),
        ("maze", "MAZE", True),
        ("maze", "a maze", False),
        ("m_ze", "Maze", True),
        ("%100\\%%", "100% sure", True),
        ("%100\\%%", "1000 sure", False),
        ("%a\\_b%", "a_b", True),
        ("%a\\_b%", "axb", False),
        ("%a\\\\b%", "a\\b", True),
        ("a%c", "a\nb\nc", True),
        ("%(.*)%", "a (.*) b", True),
        ("4%", 42, True),
        ("%x%", None, None),
        (None, "x", None),
        ("", "", True),
    ],
)
def test_like_means_what_it_means_in_sql(pattern, value, found):
    assert like(pattern, value, "\\") is found


def test_like_without_an_escape_character():
    assert like("a\\%", "a\\bc") is True


@pytest.mark.storage
@pytest.mark.parametrize("query", ["übung", "ÜBUNG", "Übung", "u\u0308bung", "U\u0308BUNG"])
def test_levels_are_found_in_the_api_on_the_page_and_in_the_admin(query, learner_api, learner, staff, client):
    LevelFactory(name="Große Übung", level_id="exercise")
    LevelFactory(name="Other", level_id="other")
    assert [row["level_id"] for row in learner_api.get("/api/v1/levels", {"search": query}).json()["results"]] == [
        "exercise"
    ]
    client.force_login(learner)
    page = client.get("/levels", {"search": query}).content.decode()
    assert ("Große Übung" in page, "Other" in page) == (True, False)
    client.force_login(staff)
    listed = client.get("/admin/levels/level/", {"q": query}).content.decode()
    assert ("Große Übung" in listed, ">Other<" in listed) == (True, False)


@pytest.mark.storage
def test_every_search_of_the_admin_folds_letters(client, staff):
    UserFactory(username="Jürgen", display_name="ÖZGÜR")
    client.force_login(staff)
    assert "Jürgen" in client.get("/admin/accounts/user/", {"q": "jÜRGEN"}).content.decode()
    assert "Jürgen" in client.get("/admin/accounts/user/", {"q": "özgür"}).content.decode()
    assert "Jürgen" in client.get("/admin/accounts/user/", {"q": "JU\u0308RGEN"}).content.decode()


@pytest.mark.storage
@pytest.mark.parametrize("query", ["übung", "ÜBUNG", "U\u0308BUNG"])
def test_levels_are_found_by_their_name(query, client, staff):
    LevelFactory(name="Große Übung")
    client.force_login(staff)
    page = client.get("/admin/levels/level/", {"q": query}).content.decode()
    assert "Große Übung" in page.partition("result_list")[2]


@pytest.mark.storage
def test_other_comparisons_are_as_exact_as_before():
    LevelFactory(name="ÜBUNG")
    assert not Level.objects.filter(name="übung").exists()
    assert Level.objects.filter(name__iexact="übung").exists()


def test_this_database_passes_the_check(capsys):
    call_command("check", databases=["default"])
    assert "W001" not in capsys.readouterr().err


def test_a_database_that_folds_only_ascii_is_reported(monkeypatch):
    from skillquest.database.checks import check_letters

    monkeypatch.setattr("skillquest.database.checks.folds_letters", lambda _alias: False)
    assert [warning.id for warning in check_letters(databases=["default"])] == ["skillquest.W001"]
    assert check_letters(databases=None) == []


def test_null_is_not_found():
    with connection.cursor() as cursor:
        cursor.execute("SELECT NULL LIKE 'a'")
        assert cursor.fetchone() == (None,)

"""Each role sees the parts and the acts of the page that it has the rights for, and no others."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from gamification.models import LearnerProfile
from skillquest.accounts.erasing import erase_person
from tests.factories import StaffFactory, UserFactory

from .conftest import TABS, acts, address, block, facts, titles
from .histories import learner_with

ACTS = ["Adjust XP", "Board standing", "Reverse since…", "Decide held results"]


@pytest.fixture
def busy(db):
    return learner_with(2, StaffFactory(), email="secret@example.test", external_id="secret-id")


def tabs_shown(context):
    return [each.name for each, _ in context["tabs"]]


def test_a_superuser_sees_and_may_do_everything(boss, tab, busy):
    page = tab(busy)
    assert (tabs_shown(page), acts(page)) == (TABS, ACTS)
    assert [link.text for link in tab(busy, "account")["acts"]] == ["Send a password reset…", "Erase…"]


def test_an_xp_steward_acts_but_sees_no_account(client, as_member, tab, busy):
    as_member("XP steward")
    page = tab(busy)
    assert (tabs_shown(page), acts(page)) == ([name for name in TABS if name != "account"], ACTS)
    assert client.get(address(busy, "account")).status_code == 403


def test_a_fairness_reviewer_takes_away_and_decides_but_gives_nothing(client, as_member, tab, busy):
    as_member("Fairness reviewer")
    page = tab(busy)
    assert (tabs_shown(page), acts(page)) == ([name for name in TABS if name != "account"], ACTS[1:])
    assert titles(tab(busy, "progress")) == ["Levels by section", "Skills", "Achievements"]
    for act in ("adjust", "repair_day", "return_freeze", "send_reset"):
        assert client.get(address(busy, act)).status_code == 403, act
    assert {row[-1] for row in block(tab(busy, "xp"), "Ledger")} <= {"-", "Reversed"}


def test_an_analyst_sees_everything_but_the_account_and_acts_on_nothing(as_member, tab, busy):
    as_member("Analyst")
    page = tab(busy)
    assert (tabs_shown(page), acts(page)) == ([name for name in TABS if name != "account"], [])
    for name in tabs_shown(page):
        for each in tab(busy, name)["blocks"]:
            done = {row[each.columns.index("Act")] for row in each.rows} if "Act" in each.columns else set()
            assert done <= {"-", "Reversed"}, each.title


def test_a_content_editor_sees_no_learner(client, as_member, busy):
    as_member("Content editor")
    assert {client.get(address(busy, name)).status_code for name in TABS} == {403}


def test_blocks_are_shown_to_those_who_may_see_their_rows(client, tab, busy):
    person = StaffFactory(is_superuser=False)
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_learnerprofile", "view_unlock"]))
    client.force_login(person)
    page = tab(busy)
    assert tabs_shown(page) == ["change", "progress", "history"]
    assert ("chart" in page, "calendar" in page, titles(page)) == (False, False, [])
    assert titles(tab(busy, "progress")) == ["Achievements"]
    assert titles(tab(busy, "history")) == ["Log"]
    assert "Reason" not in facts(page, "Leaderboards")
    assert [client.get(address(busy, name)).status_code for name in ("xp", "results")] == [403, 403]


@pytest.mark.parametrize("role", ["XP steward", "Fairness reviewer", "Analyst"])
def test_no_role_without_the_right_reads_mail_addresses_and_external_ids(client, as_member, role, busy):
    as_member(role)
    for name in TABS:
        assert "secret" not in client.get(address(busy, name)).content.decode()


@pytest.mark.parametrize("role", ["XP steward", "Fairness reviewer", "Analyst"])
def test_every_link_that_is_offered_opens(client, as_member, role, busy):
    as_member(role)
    offered = {}  # most are on every tab
    for name in TABS:
        page = client.get(address(busy, name))
        offered |= dict.fromkeys(LINKS.findall(page.content.decode()) if page.status_code == 200 else [], name)
    for link, name in offered.items():
        assert client.get(link.replace("&amp;", "&")).status_code == 200, (name, link)


LINKS = re.compile(r'href="(/admin/[^"]*)"')


def test_nobody_is_offered_acts_on_themselves(boss, tab):
    LearnerProfile.objects.filter(pk=boss.pk).update(total_xp=0)
    assert acts(tab(boss)) == []


def test_an_erased_person_is_shown_as_erased_without_acts(client, boss, tab, busy):
    erase_person(user_id=busy.pk, at=timezone.now())
    page = client.get(address(busy)).content.decode()
    assert "This person was erased on 2026-11-20." in page
    assert acts(tab(busy)) == []
    assert tab(busy, "account")["acts"] == []
    for name in TABS:
        blocks = {each.title: each.rows for each in tab(busy, name)["blocks"]}
        assert not [
            row for rows in blocks.values() for row in rows for cell in row if hasattr(cell, "url") and "…" in cell.text
        ]


def test_anonymous_visitors_and_learners_are_sent_to_sign_in(client, learner):
    assert client.get(address(learner)).status_code == 302
    client.force_login(UserFactory())
    assert {client.get(address(learner, name)).status_code for name in TABS} == {302}


@pytest.mark.parametrize("name", TABS)
def test_the_page_changes_nothing(client, boss, learner, name):
    assert client.post(address(learner, name), {"total_xp": 5}).status_code == 403


def test_an_unknown_learner_is_not_found(client, boss):
    for key in ("999999999", "x", "9" * 15):
        assert client.get(f"/admin/gamification/learnerprofile/{key}/change/").status_code == 404

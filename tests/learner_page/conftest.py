import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from tests.factories import StaffFactory

TABS = ["change", "xp", "results", "progress", "account", "history"]


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)


@pytest.fixture
def boss(client, db):
    """A superuser, signed in with `client`."""
    person = StaffFactory(username="boss")
    client.force_login(person)
    return person


@pytest.fixture
def as_member(client, db):
    """`as_member("Analyst")` signs somebody of that group in with `client`."""

    def as_member(name):
        person = StaffFactory(is_superuser=False)
        person.groups.add(Group.objects.get(name=name))
        client.force_login(person)
        return person

    return as_member


def address(learner, tab="change"):
    return reverse(f"admin:gamification_learnerprofile_{tab}", args=[learner.pk])


@pytest.fixture
def tab(client):
    """`tab(learner, "xp")` -> the context of the page."""
    return lambda learner, name="change", query="": client.get(f"{address(learner, name)}{query}").context


def block(context, title):
    """The rows of a block as texts."""
    found = next(each for each in context["blocks"] if each.title == title)
    return [[text_of(cell) for cell in row] for row in found.rows]


def text_of(cell):
    if hasattr(cell, "summary"):
        return f"{cell.summary}: {cell.text}"
    if hasattr(cell, "whole"):
        return f"{cell.part}/{cell.whole}"
    return getattr(cell, "text", cell)


def facts(context, title):
    found = next(each for each in context["facts"] if each.title == title)
    return {name: text_of(value) for name, value in found.pairs}


def titles(context):
    return [each.title for each in context["blocks"]]


def acts(context):
    return [link.text for link in context["acts_on_learner"]]

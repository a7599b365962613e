"""Each tab takes few statements, however long the history is, and shows nothing of other learners."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from gamification.models import LearnerProfile, TimeZoneChange
from tests.factories import UserFactory

from .conftest import TABS, address
from .histories import learner_with

MANY = 12  # more than a block shows


def statements(client, learner, name):
    client.get(address(learner, name))  # fills the caches of content types
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address(learner, name)).status_code == 200
    return len(queries)


def test_each_tab_takes_at_most_12_statements_at_any_number_of_rows(client, boss, as_member):
    learners = [UserFactory(), learner_with(1, boss), learner_with(MANY, boss)]
    for learner in learners:
        change_zone(learner)
    taken = {name: [statements(client, learner, name) for learner in learners] for name in TABS}
    as_member("XP steward")
    shown = [name for name in TABS if name != "account"]
    taken |= {f"{name} of a steward": [statements(client, learner, name) for learner in learners] for name in shown}
    assert {name: counts for name, counts in taken.items() if max(counts) > 12} == {}


def change_zone(learner):
    """So that earlier moments have dates of another zone, which takes a statement."""
    now = learner.date_joined.replace(year=2026, month=11, day=20)
    TimeZoneChange.objects.create(learner=learner, before="Asia/Jakarta", time_zone="UTC", effective_from=now)
    LearnerProfile.objects.filter(pk=learner.pk).update(time_zone_since=now)


def test_every_block_shows_the_newest_ten_rows_and_links_to_all(client, boss):
    learner = learner_with(MANY, boss)
    for name in TABS:
        for block in client.get(address(learner, name)).context["blocks"]:
            assert len(block.rows) <= 20 if block.title == "Levels by section" else len(block.rows) <= 10, block.title
            if block.everything:
                answer = client.get(block.everything)
                assert (answer.status_code, block.title) == (200, block.title)


def test_nothing_of_another_learner_is_shown(client, boss):
    full, empty = learner_with(2, boss), UserFactory()
    assert client.get(address(full, "results")).context["blocks"][0].rows
    for name in TABS:
        context = client.get(address(empty, name)).context
        rows = {each.title: each.rows for each in context["blocks"] if each.title not in OF_ALL}
        assert {title: found for title, found in rows.items() if found} == {}


# The catalogue is everybody's.
OF_ALL = {"Levels by section", "Award a badge"}

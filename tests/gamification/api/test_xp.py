"""GET xp/history and gamification/xp/level."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.awards.adjustments import reverse
from tests.factories import StaffFactory, UserFactory, adjust

pytestmark = pytest.mark.django_db

HISTORY = "/api/v1/xp/history"


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)


@pytest.fixture
def give(learner):
    actor = StaffFactory()

    def give(amount, **options):
        options = {"learner_id": learner.pk, "reason": "A gift", "actor": actor, "at": timezone.now(), **options}
        return adjust(amount=amount, **options)

    return give


def test_history_shows_each_entry_newest_first(learner_api, give):
    first, second = give(10, reference_id="prize", metadata={"colour": "gold"}), give(-3)
    assert learner_api.get(HISTORY).json() == {
        "success": True,
        "next": None,
        "previous": None,
        "results": [
            {
                "id": second.pk,
                "sequence": 2,
                "delta": -3,
                "reason": "manual_adjustment",
                "reference_id": second.reference_id,
                "balance_after": 7,
                "trust": "verified",
                "metadata": {},
                "created_at": "2026-11-20T10:00:00Z",
            },
            {
                "id": first.pk,
                "sequence": 1,
                "delta": 10,
                "reason": "manual_adjustment",
                "reference_id": "prize",
                "balance_after": 10,
                "trust": "verified",
                "metadata": {"colour": "gold"},
                "created_at": "2026-11-20T10:00:00Z",
            },
        ],
    }


@pytest.mark.parametrize(
    ("query", "sequences"),
    [
        ("", [3, 2, 1]),
        ("reason=reversal", [3]),
        ("from=2026-11-20T10:01:00Z", [3, 2]),
        ("to=2026-11-20T10:01:00Z", [2, 1]),
        ("from=2026-11-20T10:00:30Z&to=2026-11-20T10:01:30Z", [2]),
        ("from=2026-11-20", [3, 2, 1]),
        ("from=2026-11-20&to=2026-11-20", [3, 2, 1]),
        ("to=2026-11-19", []),
        ("limit=1", [3]),
    ],
)
def test_history_is_filtered(learner_api, give, time_machine, query, sequences):
    entry = give(10)
    time_machine.shift(60)
    give(5)
    time_machine.shift(60)
    reverse(entry, actor=StaffFactory(), note="", at=timezone.now())
    entries = learner_api.get(f"{HISTORY}?{query}").json()["results"]
    assert [entry["sequence"] for entry in entries] == sequences


@pytest.mark.parametrize("query", ["reason=luck", "from=yesterday", "to=0", "limit=0", "limit=x", "cursor=abc"])
def test_a_bad_filter_is_refused(learner_api, query):
    assert learner_api.get(f"{HISTORY}?{query}").status_code == 400


def test_history_pages_with_a_cursor_that_new_entries_do_not_shift(learner_api, give):
    for amount in [1, 2, 3]:
        give(amount)
    page = learner_api.get(f"{HISTORY}?limit=2").json()
    give(4)
    rest = learner_api.get(page["next"]).json()
    assert [[entry["delta"] for entry in part["results"]] for part in [page, rest]] == [[3, 2], [1]]


def test_history_costs_the_same_with_one_and_three_entries(learner_api, give):
    costs = []
    for count in [1, 2]:
        for _ in range(count):
            give(1)
        with CaptureQueriesContext(connection) as captured:
            learner_api.get(HISTORY)
        costs.append(len(captured))
    assert costs == [2, 2]


def test_history_shows_only_the_learners_own_entries(sign_in, give):
    give(10)
    assert sign_in(UserFactory()).get(HISTORY).json()["results"] == []


@pytest.mark.parametrize("path", ["/api/xp/history/", "/api/v1/gamification/xp/history"])
def test_history_answers_with_and_without_the_prefix(learner_api, path):
    assert learner_api.get(path).status_code == 200


@pytest.mark.parametrize(
    ("total", "answer"),
    [
        (
            0,
            {
                "total_xp": 0,
                "current_level": 1,
                "xp_to_next_level": 100,
                "level_progress_percentage": 0,
                "title": "Novice",
                "next_level_at": 100,
            },
        ),
        (
            300,
            {
                "total_xp": 300,
                "current_level": 3,
                "xp_to_next_level": 47,
                "level_progress_percentage": 64,
                "title": "Novice",
                "next_level_at": 347,
            },
        ),
    ],
)
def test_level_shows_the_learners_level_and_progress(learner_api, give, total, answer):
    if total:
        give(total)
    assert learner_api.get("/api/v1/gamification/xp/level").json() == {"success": True, **answer}


def test_an_entry_stores_when_it_was_written_and_when_it_was_earned(give):
    entry = give(5, at=timezone.now() + timedelta(seconds=1))
    assert entry.created_at == entry.effective_at == timezone.now() + timedelta(seconds=1)

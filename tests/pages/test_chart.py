from datetime import timedelta

import pytest
from django.utils import timezone

from gamification.awards.adjustments import reverse
from skillquest.pages.chart import DAYS, HEIGHT, round_up
from tests.factories import StaffFactory, UserFactory, adjust

from .html import elements_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def chart(visit):
    def chart(learner):
        return visit(learner).get("/dashboard").context["chart"]

    return chart


def give(learner, amount, at=None):
    return adjust(learner_id=learner.pk, amount=amount, reason="A gift", actor=StaffFactory(), at=at or timezone.now())


@pytest.mark.parametrize(
    ("value", "top"), [(0, 10), (1, 10), (10, 10), (11, 20), (21, 40), (99, 100), (101, 200), (341, 400), (7000, 8000)]
)
def test_the_axis_ends_at_a_round_number(value, top):
    assert round_up(value) == top


def test_thirty_days_of_which_today_is_the_last(chart, learner):
    give(learner, 12)
    give(learner, 8, at=timezone.now() - timedelta(days=29))
    give(learner, 100, at=timezone.now() - timedelta(days=30))
    drawn = chart(learner)
    assert len(drawn.bars) == DAYS
    assert [bar.xp for bar in drawn.earned_on] == [8, 12]
    assert (drawn.bars[0].xp, drawn.bars[-1].xp, drawn.top, drawn.bottom) == (8, 12, 20, 0)
    assert (drawn.bars[-1].height, drawn.bars[-1].y) == (HEIGHT * 12 / 20, HEIGHT * 8 / 20)


def test_days_are_those_of_the_learners_zone(chart, time_machine):
    time_machine.move_to("2026-03-01T20:30:00Z", tick=False)
    learner = UserFactory(profile__time_zone="Asia/Jakarta")
    give(learner, 5)
    drawn = chart(learner)
    assert (str(drawn.bars[-1].date), drawn.bars[-1].xp) == ("2026-03-02", 5)


def test_what_was_taken_back_is_off_the_day_that_had_earned_it(chart, learner):
    yesterday = timezone.now() - timedelta(days=1)
    give(learner, 30, at=yesterday)
    reverse(give(learner, 20, at=yesterday), actor=StaffFactory(), note="", at=timezone.now())
    assert [bar.xp for bar in chart(learner).earned_on] == [30]


def test_a_day_below_zero_hangs_under_the_axis(chart, learner):
    give(learner, 40, at=timezone.now() - timedelta(days=2))
    give(learner, -10)
    drawn = chart(learner)
    assert (drawn.top, drawn.bottom) == (40, -10)
    assert drawn.bars[-1].y == drawn.zero == HEIGHT * 40 / 50
    assert drawn.bars[-1].y + drawn.bars[-1].height == HEIGHT


def test_the_chart_has_a_text_and_a_table(learner_page, learner, time_machine):
    time_machine.move_to("2026-03-20T12:00:00Z", tick=False)
    give(learner, 12)
    response = learner_page.get("/dashboard")
    description = "12 XP in the last 30 days, earned on 1 day. The best was 20 March with 12 XP."
    assert [attrs["aria-label"] for tag, attrs in elements_of(response) if attrs.get("role") == "img"] == [description]
    assert "As a table Day XP Fri 20 March +12" in text_of(response)


def test_nothing_earned_lately_draws_nothing(learner_page, learner):
    give(learner, 5, timezone.now() - timedelta(days=40))
    response = learner_page.get("/dashboard")
    assert "No XP in the last 30 days." in text_of(response)
    assert not [attrs for _, attrs in elements_of(response) if attrs.get("role") == "img"]

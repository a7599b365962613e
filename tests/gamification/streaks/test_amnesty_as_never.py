"""Whatever learners did, an amnesty that is undone leaves the same books as one that was never granted."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import event, given, settings
from hypothesis import strategies as st

from gamification.awards.activity import check_in, protect_today
from gamification.errors import NoFreezesLeft, NoStreak
from gamification.models import Achievement, Amnesty, AppliedAmnesty
from gamification.staff.amnesties import apply_amnesties, grant_amnesty
from gamification.staff.amnesties.restoring import restore
from gamification.staff.amnesties.undoing import users_of
from tests.factories import LevelFactory, StaffFactory, UserFactory
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

from .day_patterns import noon
from .undoing import books_of

pytestmark = pytest.mark.django_db

HOURS = st.sampled_from([0, 5, 24, 24, 24, 48, 72, 96, 120])  # until the next action
ACTION = st.tuples(HOURS, st.sampled_from(["complete", "late", "later", "check in", "protect"]))
BEFORE, SINCE = st.lists(ACTION, min_size=1, max_size=9), st.lists(ACTION, max_size=3)
LATE = {"complete": 0, "late": 30, "later": 100}  # hours


def act(learner, kind, at):
    try:
        with transaction.atomic():
            if kind == "check in":
                check_in(learner.pk, at=at)
            elif kind == "protect":
                protect_today(learner.pk, at=at)
            else:
                claim = Claim("arena", 1, occurred_at=at - timedelta(hours=LATE[kind]))
                complete_level(learner=learner, claim=claim, source="api", at=at)
    except (NoFreezesLeft, NoStreak):
        pass


def play(learner, actions, at, span=None):
    for hours, kind in actions:
        at += timedelta(hours=hours, seconds=1)
        # Nothing shows afterwards that somebody wanted a freeze for a day that an amnesty pardons.
        if kind == "protect" and span and span[0].date() <= at.date() <= span[1].date():
            kind = "check in"
        act(learner, kind, at)
    return at


def nothing(*_):
    pass


def scenario(learner, before, since, span, grant, undo):
    """The books at the end; what is written is taken back. `span`: hours from the grant, and how many."""
    with transaction.atomic():
        at = play(learner, before, noon(1)) + timedelta(seconds=1)
        starts_at = at + timedelta(hours=span[0])
        span = (starts_at, starts_at + timedelta(hours=span[1]))
        grant(span, at)
        undo(play(learner, since, at, span) + timedelta(seconds=1))
        assert not list(rebuild_profiles(write=False, at=at))
        books = books_of(learner)
        transaction.set_rollback(True)
    return books


@settings(max_examples=15, deadline=None)
@given(BEFORE, SINCE, st.tuples(st.integers(-200, 60), st.integers(1, 120)), st.booleans())
def test_undoing_it_leaves_the_books_that_there_would_be_without_it(before, since, span, at_once):
    with transaction.atomic():
        learner, staff = UserFactory(), StaffFactory()
        LevelFactory(level_id="arena", kind="mode", max_score=100, published=True)
        for days in (2, 4):
            condition = {"type": "consecutive_days", "days": days}
            Achievement.objects.create(achievement_id=f"d{days}", name=f"{days}", xp_reward=5, condition=condition)
        stood = []

        def grant(span, at):
            grant_amnesty(starts_at=span[0], ends_at=span[1], reason="?", actor=staff, at=at)
            if at_once:
                apply_amnesties(at=at)

        def undo(at):
            amnesty = Amnesty.objects.get()
            stood.extend(users_of(amnesty, at))
            restore(amnesty, [learner.pk], at)
            stood.extend(AppliedAmnesty.objects.all())

        never = scenario(learner, before, since, span, nothing, nothing)
        undone = scenario(learner, before, since, span, grant, undo)
        event("stands" if stood else "undone")
        if not stood:
            assert undone == never
        transaction.set_rollback(True)

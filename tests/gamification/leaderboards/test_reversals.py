"""What boards show after a reversal, where they were read just before it."""

from datetime import UTC, datetime, timedelta

import pytest

from gamification.awards.adjustments import reverse
from tests.factories import StaffFactory, UserFactory, adjust

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
CURRENT, WINDOWED = "xp_all_time", ["xp_weekly", "xp_monthly"]


def test_all_time_boards_follow_at_once_and_windowed_ones_within_15_minutes(backend, sign_in, time_machine):
    time_machine.move_to(NOW, tick=False)
    ana, actor = UserFactory(), StaffFactory()
    adjust(learner_id=ana.pk, amount=100, reason="test", actor=actor, at=NOW)
    entry = adjust(learner_id=ana.pk, amount=50, reason="test", actor=actor, at=NOW)

    def shown(metric):
        board = sign_in(ana).get(f"/api/v1/gamification/leaderboard/{metric}").json()
        return board["entries"][0]["score"], board["as_of"]

    def all_shown():
        return [shown(metric)[0] for metric in (CURRENT, *WINDOWED)]

    assert all_shown() == [150, 150, 150]
    reverse(entry, actor=actor, note="", at=NOW)
    assert all_shown() == [100, 150, 150]
    assert {shown(metric)[1] for metric in WINDOWED} == {"2026-11-20T10:00:00Z"}
    time_machine.move_to(NOW + timedelta(minutes=15, seconds=1), tick=False)
    assert all_shown() == [100, 100, 100]

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from analytics.rolling.jobs import start_rolling_up
from jobs.running import run_next_portion

from .world import NOW, make_world

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def shared_history(make_for_file):
    """Rolled up three times: what was there an hour before is settled, so the next time looks only at what is new."""

    def make():
        make_world()
        for number in range(3):
            with time_machine.travel(NOW + number * HOUR, tick=False):
                start_rolling_up(at=timezone.now())
                run()

    make_for_file(make)


@pytest.fixture
def history(shared_history, db, time_machine):
    """Two hundred learners until noon of a Wednesday, and three hours; returns how to let time pass."""
    clock = [NOW + 2 * HOUR]

    def wait(duration):
        clock[0] += duration
        time_machine.move_to(clock[0], tick=False)

    wait(HOUR)
    return wait


def run(portions=None):
    """All that wait, or so many."""
    while portions is None or portions > 0:
        job = run_next_portion()
        if job is None:
            return
        assert job.error == ""
        portions = portions and portions - 1


@pytest.fixture
def roll_up():
    """`roll_up()` brings the figures up to date; `roll_up(everything=True)` makes them again."""

    def roll_up(**how):
        start_rolling_up(at=timezone.now(), **how)
        run()

    return roll_up

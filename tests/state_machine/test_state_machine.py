"""Protocol P9: random walks through the services, judged after every step by an oracle and by the books themselves.

    STATE_MACHINE=release STATE_MACHINE_SEED=7 pytest tests/state_machine

walks for minutes and prints its figures. Whoever adds a way to earn XP teaches the oracle first: walks that it cannot
explain are falsified.
"""

import json
import os

import pytest
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from .machine import SkillQuest
from .world import make_world

SMALL = settings(max_examples=25, stateful_step_count=40, deadline=None, database=None)
SIZES = {
    "small": SMALL,
    # For seeded bugs: to be falsified is enough, nobody waits for the shortest walk that does it.
    "blunt": settings(SMALL, max_examples=300, phases=[Phase.generate]),
    "release": settings(SMALL, max_examples=1000, stateful_step_count=80),
}
SIZE = os.environ.get("STATE_MACHINE", "small")
SEED = int(os.environ.get("STATE_MACHINE_SEED", "1"))


@pytest.fixture
def world(db):
    return make_world()


@pytest.fixture
def figures(capsys):
    """Prints the line of JSON when the walks of a release end, however they end."""
    SkillQuest.steps, figure = 0, {"falsified": None}  # nobody knows, where somebody broke it off
    yield figure
    if SIZE == "release":
        line = {"name": "P9 state machine", "seed": SEED, "figure": {"steps": SkillQuest.steps, **figure}}
        with capsys.disabled():
            print("\n" + json.dumps(line | {"target": {"falsified": 0}, "pass": figure["falsified"] == 0}))  # noqa: T201


def test_whatever_happens_the_books_are_the_oracles(world, figures):
    try:
        run_state_machine_as_test(seed(SEED)(lambda: SkillQuest(world)), settings=SIZES[SIZE])
    except Exception:
        figures["falsified"] = 1
        raise
    figures["falsified"] = 0

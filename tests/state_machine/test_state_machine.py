"""P9: random sequences of service calls, compared with an oracle and audited after every step.

    STATE_MACHINE=release STATE_MACHINE_SEED=7 pytest tests/state_machine

runs for minutes and prints its figures. A new way to earn XP is added to the oracle first, else the test fails.
"""

import json
import os

import pytest
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from .machine import SkillQuest

SMALL = settings(max_examples=18, stateful_step_count=40, deadline=None, database=None)
SIZES = {
    "small": SMALL,
    # For seeded bugs: a failure is enough, it need not be shrunk.
    "blunt": settings(SMALL, max_examples=300, phases=[Phase.generate]),
    "release": settings(SMALL, max_examples=1000, stateful_step_count=80),
}
SIZE = os.environ.get("STATE_MACHINE", "small")
SEED = int(os.environ.get("STATE_MACHINE_SEED", "1"))


@pytest.fixture
def figures(capsys):
    """Print a line of JSON at the end of a release run, also when it fails."""
    SkillQuest.steps, figure = 0, {"falsified": None}  # unknown if it is interrupted
    yield figure
    if SIZE == "release":
        line = {"name": "P9 state machine", "seed": SEED, "figure": {"steps": SkillQuest.steps, **figure}}
        with capsys.disabled():
            print("\n" + json.dumps(line | {"target": {"falsified": 0}, "pass": figure["falsified"] == 0}))  # noqa: T201


def test_product_and_oracle_agree_after_every_step(world, figures):
    try:
        run_state_machine_as_test(seed(SEED)(lambda: SkillQuest(world)), settings=SIZES[SIZE])
    except Exception:
        figures["falsified"] = 1
        raise
    figures["falsified"] = 0

"""A small size of benchmarks/honest_learners.py: no honest learner meets a limit."""

import pytest

from benchmarks.honest_learners import TARGET, play
from benchmarks.honest_play import CLASS_OF, STYLES
from tests.shipped_catalogue import load_whole_catalogue

pytestmark = pytest.mark.django_db

EVERY_STYLE = range(0, CLASS_OF * len(STYLES), CLASS_OF)


@pytest.fixture(autouse=True)
def _catalogue(db):
    load_whole_catalogue()


@pytest.mark.parametrize(("seed", "way"), [(1, "limits"), (2, "service"), (3, "api")])
def test_learners_of_every_style_are_never_held_cut_or_rejected(seed, way):
    counts = play(EVERY_STYLE, seed, way=way)
    assert {name: counts[name] for name in TARGET} == TARGET, counts
    assert (counts[f"learners by {way}"], counts["results"] > 100) == (len(STYLES), True)

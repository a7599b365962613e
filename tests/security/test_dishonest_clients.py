"""A part of benchmarks/dishonest_clients: no strategy gains more than an honest player could have gained."""

import pytest

from benchmarks.dishonest_clients.judging import TARGET, judge
from benchmarks.dishonest_clients.strategies import STRATEGIES
from tests.shipped_catalogue import load_whole_catalogue

pytestmark = pytest.mark.django_db

# One of each kind, and not the slowest ones.
TRIED = [
    "five hundred invented results of a new account",
    "one mode five hundred times",
    "a path whose first level is too fast",
    "no result has a time",
    "levels with a least time without a time",
    "levels with a least time split into two hours",
    "sixty sessions side by side",
    "sessions ended by a batch that claims their time",
    "a false sending time that moves results to other days",
    "thirty days before the account",
    "both sides of midnight",
    "words of failed results in a batch",
    "words of held results",
]
BY_NAME = {strategy.name: strategy for strategy in STRATEGIES}


@pytest.fixture(autouse=True)
def _catalogue(db):
    load_whole_catalogue()


@pytest.mark.parametrize("name", TRIED)
def test_it_gains_no_more_than_an_honest_player_could(name):
    judged = judge(BY_NAME[name], limited=True)
    assert judged["share"] <= TARGET, judged


def test_without_the_limits_the_same_strategies_gain_more():
    judged = judge(BY_NAME["five hundred invented results of a new account"], limited=False)
    assert judged["share"] > TARGET, judged


def test_there_are_at_least_forty_strategies():
    assert len(BY_NAME) >= 40

import pytest
from django.core.exceptions import ValidationError

from levels.prerequisites import describe_cycle, find_cycle, refuse_cycle, stored_needs
from tests.factories import LevelFactory

CHAIN = {str(number): [str(number + 1)] for number in range(5000)}


@pytest.mark.parametrize(
    "needs",
    [{}, {"a": []}, {"a": ["b"], "b": ["c"]}, {"a": ["b", "c"], "b": ["c"]}, CHAIN],
    ids=["empty", "alone", "short", "diamond", "long"],
)
def test_a_graph_without_circles(needs):
    assert find_cycle(needs) == []


def test_a_circle_is_told_in_the_direction_of_need():
    assert set(find_cycle({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})) == {"a", "b", "c"}
    cycle = find_cycle({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})
    assert describe_cycle(cycle, start="b") == "Prerequisites must not go in a circle: b → c → a → b."


def test_a_level_that_needs_itself_is_a_circle():
    assert find_cycle({"a": ["a"]}) == ["a", "a"]


def test_a_circle_elsewhere_is_told_as_it_was_found():
    assert describe_cycle(["x", "y", "x"], start="a") == "Prerequisites must not go in a circle: x → y → x."


@pytest.mark.django_db
def test_closing_a_circle_of_stored_levels_is_refused():
    first = LevelFactory(level_id="level-1")
    second = LevelFactory(level_id="level-2", prerequisites=[first])
    LevelFactory(level_id="level-3", prerequisites=[second])
    assert stored_needs() == {"level-2": ["level-1"], "level-3": ["level-2"]}
    with pytest.raises(ValidationError) as caught:
        refuse_cycle(level_id="level-1", needs=["level-3"])
    assert caught.value.messages == ["Prerequisites must not go in a circle: level-1 → level-3 → level-2 → level-1."]


@pytest.mark.django_db
def test_new_prerequisites_replace_the_stored_ones():
    first = LevelFactory(level_id="level-1")
    LevelFactory(level_id="level-2", prerequisites=[first])
    refuse_cycle(level_id="level-2", needs=[])
    refuse_cycle(level_id="level-2", needs=["level-1"])

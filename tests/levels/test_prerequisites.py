import pytest
from django.core.exceptions import ValidationError

from levels.models import Level
from levels.prerequisites import (
    describe_cycle,
    find_cycle,
    path_to,
    prerequisites_of,
    refuse_cycle,
    stored_prerequisites,
)
from tests.factories import LevelFactory
from tracking.models import Completion

CHAIN = {str(number): [str(number + 1)] for number in range(5000)}


@pytest.mark.parametrize(
    "needs",
    [{}, {"a": []}, {"a": ["b"], "b": ["c"]}, {"a": ["b", "c"], "b": ["c"]}, CHAIN],
    ids=["empty", "alone", "short", "diamond", "long"],
)
def test_a_graph_without_circles(needs):
    assert find_cycle(needs) == []


def test_a_cycle_is_named_in_the_direction_of_the_requirement():
    assert set(find_cycle({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})) == {"a", "b", "c"}
    cycle = find_cycle({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})
    assert describe_cycle(cycle, start="b") == "Prerequisites must not go in a circle: b → c → a → b."


def test_a_level_that_needs_itself_is_a_circle():
    assert find_cycle({"a": ["a"]}) == ["a", "a"]


def test_a_cycle_elsewhere_is_named_as_it_was_found():
    assert describe_cycle(["x", "y", "x"], start="a") == "Prerequisites must not go in a circle: x → y → x."


@pytest.mark.django_db
def test_closing_a_circle_of_stored_levels_is_refused():
    first = LevelFactory(level_id="level-1")
    second = LevelFactory(level_id="level-2", prerequisites=[first])
    LevelFactory(level_id="level-3", prerequisites=[second])
    assert stored_prerequisites() == {"level-2": ["level-1"], "level-3": ["level-2"]}
    with pytest.raises(ValidationError) as caught:
        refuse_cycle(level_id="level-1", prerequisites=["level-3"])
    assert caught.value.messages == ["Prerequisites must not go in a circle: level-1 → level-3 → level-2 → level-1."]


@pytest.mark.django_db
def test_new_prerequisites_replace_the_stored_ones():
    first = LevelFactory(level_id="level-1")
    LevelFactory(level_id="level-2", prerequisites=[first])
    refuse_cycle(level_id="level-2", prerequisites=[])
    refuse_cycle(level_id="level-2", prerequisites=["level-1"])


@pytest.mark.django_db
@pytest.mark.storage
def test_an_unpublished_prerequisite_does_not_lock(learner):
    first = LevelFactory(level_id="first")
    hidden = LevelFactory(level_id="hidden", published=False, prerequisites=[first])
    shown = LevelFactory(level_id="shown")
    level = LevelFactory(level_id="level", prerequisites=[hidden, shown])
    nothing = Completion.objects.passed_levels(learner)
    assert level.missing_prerequisites(nothing) == [shown]
    assert prerequisites_of(Level.objects.filter(pk=level.pk)) == {level.pk: [shown]}
    assert path_to(level, passed=set()) == [shown.pk]
    assert Level.objects.with_has_missing(nothing).get(pk=level.pk).has_missing
    Level.objects.filter(pk=shown.pk).update(published=False)
    assert level.missing_prerequisites(nothing) == []
    assert not Level.objects.with_has_missing(nothing).get(pk=level.pk).has_missing


@pytest.mark.django_db
def test_a_learner_plays_a_level_whose_prerequisite_was_unpublished(learner_api):
    hidden = LevelFactory(level_id="hidden")
    LevelFactory(level_id="level", prerequisites=[hidden])
    complete = {"level_id": "level", "score": 500}
    assert learner_api.post("/api/v1/levels/complete", complete).json()["code"] == "level_locked"
    Level.objects.filter(pk=hidden.pk).update(published=False)
    progress = {line["level_id"]: line for line in learner_api.get("/api/v1/levels/progress").json()["levels"]}
    assert progress["level"]["status"] == "unlocked"
    assert learner_api.post("/api/v1/levels/complete", complete).status_code == 200

"""training/progress/submit: what is refused."""

import pytest

from tests.factories import LevelFactory
from tracking.models import Completion

from .conftest import SUBMIT, make_step, problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("level_id", ["nowhere", "draft", "maze", 987654321])
def test_another_level_is_not_found_whatever_else_is_wrong(submit, level_id):
    make_step(9, level_id="draft", published=False), LevelFactory(level_id="maze")
    for more in [{}, {"total_questions": 4}, {"correct": 6}, {"score": 101}]:
        assert problem(submit(level_id=level_id, **more)) == (404, "level_not_found", None)


def test_a_locked_level_is_refused_before_its_result_is_looked_at(submit, unit):
    for more in [{}, {"total_questions": 4}, {"correct": 6}, {"score": 101}]:
        answer = submit(level_id="knots_u1_l2", **more)
        assert problem(answer)[:2] == (403, "level_locked")
        assert answer.json()["missing"] == [{"level_id": "knots_u1_l1", "name": "Knot 1"}]
    type(unit[0]).objects.update(coming_soon=True)
    assert problem(submit(correct=6))[:2] == (403, "level_locked")


def test_results_are_refused_when_tracking_is_off(submit, settings):
    settings.ENABLE_SERVER_SIDE_TRACKING = False
    assert problem(submit(correct=6))[:2] == (403, "tracking_disabled")


@pytest.mark.parametrize(
    ("more", "errors"),
    [
        ({"correct": 6}, {"correct_answers": ["Must be between 0 and 5."]}),
        ({"total_questions": 6}, {"total_questions": ["This level has 5."]}),
        ({"total_questions": 4}, {"total_questions": ["This level has 5."]}),
        ({"score": 101}, {"score": ["Must be between 0 and 100."]}),
        ({"score": -1}, {"score": ["Ensure this value is greater than or equal to 0."]}),
        ({"correct": -1}, {"correct_answers": ["Ensure this value is greater than or equal to 0."]}),
        ({"correct": "4"}, {"correct_answers": ["Expected a whole number."]}),
        ({"total_questions": 0}, {"total_questions": ["Ensure this value is greater than or equal to 1."]}),
        ({"time_spent_seconds": 86_401}, {"time_spent_seconds": ["Ensure this value is less than or equal to 86400."]}),
        ({"level_id": ["knots_u1_l1"]}, {"level_id": ["Expected text or a whole number."]}),
        ({"level_id": True}, {"level_id": ["Expected text or a whole number."]}),
        ({"level_id": ""}, {"level_id": ["Must be a level_id or a level number."]}),
        ({"xp": 100}, {"xp": ["Unknown field."]}),
    ],
    ids=str,
)
def test_bad_input_records_nothing(submit, more, errors):
    assert problem(submit(**more)) == (400, "invalid", errors)
    assert Completion.objects.count() == 0


def test_missing_fields_are_named(learner_api):
    required = ["This field is required."]
    names = ["level_id", "score", "total_questions", "correct_answers"]
    assert problem(learner_api.post(SUBMIT, {})) == (400, "invalid", dict.fromkeys(names, required))

"""training: the path of a section, and results in right answers."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.models import LearnerProfile, LedgerEntry
from levels.models import Section
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion
from tracking.recording.services import release_completion

pytestmark = pytest.mark.django_db

SUBMIT, PATH = "/api/v1/training/progress/submit", "/api/v1/training/sections/{}/path"
NOW = "2026-11-20T10:00:00Z"
ANSWERS = {"total_questions": 5, "min_correct": 4}


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOW, tick=False)


def make_step(number, *needed, **fields):
    return LevelFactory(
        **{
            "level_id": f"knots_u1_l{number}",
            "name": f"Knot {number}",
            "number": None,
            "kind": "training",
            "category": "knots",
            "unit": "knots_u1",
            "position": number,
            "max_score": 100,
            "xp_rule": "fixed",
            "xp_reward": 10,
            "metadata": ANSWERS,
            "prerequisites": needed,
            **fields,
        }
    )


@pytest.fixture
def unit(db):
    """Three levels, one after the other."""
    first = make_step(1)
    second = make_step(2, first)
    return first, second, make_step(3, second)


@pytest.fixture
def submit(learner_api, unit):
    """`submit(correct, …)`: four of five right, unless it says otherwise."""

    def submit(correct=4, level_id="knots_u1_l1", client=learner_api, headers=None, **more):
        sent = {"level_id": level_id, "score": 80, "total_questions": 5, "correct_answers": correct}
        return client.post(SUBMIT, {**sent, "time_spent_seconds": 75, **more}, headers=headers)

    return submit


def problem(answer):
    return answer.status_code, answer.json()["code"], answer.json().get("errors")


def test_enough_right_answers_complete_pay_and_open_the_next_level(submit):
    answer = submit()
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "level_id": "knots_u1_l1",
            "status": "completed",
            "score": 80,
            "correct_answers": 4,
            "total_questions": 5,
            "xp_earned": 10,
            "total_xp": 10,
            "next_level_id": "knots_u1_l2",
            "awarded_xp": 10,
            "total_awarded_xp": 10,
            "new_total_xp": 10,
            "xp_breakdown": [{"factor": "base", "value": 10}],
            "level_up": False,
            "player_level": 1,
            "title": "Novice",
            "streak": {"action": "started", "current_streak": 1, "longest_streak": 1, "freezes_available": 3},
            "unlocked_achievements": [],
            "unlocked_badges": [],
            "entries": [{"reason": "training_progress", "delta": 10, "balance_after": 10}],
            "trust": "reported",
            "held": False,
            "server_time": NOW,
        },
    )
    completion = Completion.objects.get()
    assert (completion.time_spent, completion.passed) == (75, True)
    assert completion.metadata == {"correct_answers": 4, "total_questions": 5}
    assert submit(level_id="knots_u1_l2").status_code == 200


def test_too_few_pay_nothing_and_open_nothing(submit):
    answer = submit(3, score=100).json()
    values = [answer[name] for name in ["status", "xp_earned", "total_xp", "next_level_id", "entries"]]
    assert values == ["unlocked", 0, 0, None, []]
    assert problem(submit(level_id="knots_u1_l2"))[:2] == (403, "level_locked")


def test_the_right_answers_decide_and_not_the_score(submit):
    assert submit(4, score=0).json()["status"] == "completed"


def test_a_pass_score_holds_here_too(submit, unit):
    type(unit[0]).objects.update(pass_score=50)
    assert submit(5, score=49).json()["status"] == "unlocked"
    assert submit(5, score=50).json()["status"] == "completed"


def test_without_a_number_of_right_answers_the_score_decides(submit, unit):
    type(unit[0]).objects.update(metadata={}, pass_score=50)
    assert submit(5, score=49, total_questions=9).json()["status"] == "unlocked"
    assert submit(0, score=50, total_questions=9).json()["status"] == "completed"


def test_completed_by_another_call_the_share_of_the_score_decides(learner_api, unit):
    for score, status in [(79, "unlocked"), (80, "completed")]:
        learner_api.post("/api/v1/levels/complete", {"level_id": "knots_u1_l1", "score": score})
        first = learner_api.get(PATH.format("knots")).json()["units"][0]["levels"][0]
        assert first["status"] == status


def test_a_failed_retry_never_takes_a_completion_away(submit, learner_api, time_machine):
    submit()
    time_machine.shift(60)
    answer = submit(0, score=0).json()
    values = [answer[name] for name in ["status", "xp_earned", "total_xp", "next_level_id"]]
    assert values == ["completed", 0, 10, "knots_u1_l2"]
    levels = learner_api.get(PATH.format("knots")).json()["units"][0]["levels"]
    assert [level["status"] for level in levels] == ["completed", "unlocked", "locked"]


def test_passing_again_pays_nothing_more(submit, time_machine):
    submit()
    time_machine.shift(60)
    answer = submit(5, score=100).json()
    assert (answer["status"], answer["xp_earned"], answer["total_xp"]) == ("completed", 0, 10)


def test_the_same_result_within_ten_seconds_is_a_repeat(submit, time_machine):
    first = submit().json()
    time_machine.shift(9.999)
    assert submit().json() == {**first, "server_time": "2026-11-20T10:00:09.999000Z"}
    assert Completion.objects.count() == 1
    time_machine.shift(0.001)
    assert submit().json()["xp_earned"] == 0
    assert (Completion.objects.count(), LedgerEntry.objects.count()) == (2, 1)


@pytest.mark.parametrize("change", [{"score": 79}, {"time_spent_seconds": 74}, {"correct": 5}])
def test_another_result_is_no_repeat(submit, change):
    submit(), submit(**change), submit(**change)
    assert Completion.objects.count() == 2


def test_a_repeat_between_others_is_still_one(submit):
    submit(3), submit(4), submit(4), submit(3)
    assert Completion.objects.count() == 2


def test_the_same_result_of_another_learner_is_not_a_repeat(submit, sign_in):
    submit()
    assert submit(client=sign_in(UserFactory())).json()["xp_earned"] == 10


def test_an_idempotency_key_keeps_the_answer(submit, time_machine):
    key = {"Idempotency-Key": "mine"}
    first = submit(headers=key)
    time_machine.shift(60)
    again = submit(headers=key)
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert submit(5, headers=key).status_code == 422
    assert Completion.objects.count() == 1


@pytest.mark.parametrize("reference", ["knots_u1_l1", 7, "7"])
def test_a_level_is_named_by_its_level_id_or_number(submit, unit, reference):
    type(unit[0]).objects.filter(pk=unit[0].pk).update(number=7)
    assert submit(level_id=reference).json()["level_id"] == "knots_u1_l1"


@pytest.mark.parametrize("level_id", ["nowhere", "draft", "maze", 987654321])
def test_what_is_no_training_level_is_not_found_whatever_else_is_wrong(submit, level_id):
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


def test_tracking_that_is_off_takes_nothing(submit, settings):
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


def test_the_last_level_of_a_unit_has_no_next_one(submit, unit):
    make_step(1, level_id="knots_u2_l1", name="Other", unit="knots_u2")
    make_step(4, level_id="draft", name="Draft", published=False)
    submit(), submit(level_id="knots_u1_l2")
    assert submit(level_id="knots_u1_l3").json()["next_level_id"] is None


def test_an_implausible_result_is_held_and_pays_when_it_is_released(submit, unit):
    type(unit[0]).objects.update(metadata={**ANSWERS, "min_seconds": 100})
    held = submit().json()
    values = [held[name] for name in ["held", "status", "xp_earned", "next_level_id"]]
    assert values == [True, "unlocked", 0, None]
    release_completion(Completion.objects.get(), at=timezone.now())
    answer = submit().json()
    assert [answer[name] for name in ["held", "status", "xp_earned"]] == [False, "completed", 10]
    assert answer["entries"] == [{"reason": "training_progress", "delta": 10, "balance_after": 10}]


def test_the_same_result_sent_to_levels_complete_counts_once(submit, learner_api):
    submit()
    again = learner_api.post("/api/v1/levels/complete", {"level_id": "knots_u1_l1", "score": 80, "time_spent": 75})
    answer = again.json()
    assert (answer["is_new_completion"], answer["awarded_xp"], answer["level"]["level_id"]) == (
        False,
        10,
        "knots_u1_l1",
    )
    assert LearnerProfile.objects.get().total_xp == 10


def test_a_path_shows_units_and_levels_in_order_and_how_far_i_am(submit, learner_api):
    section = Section.objects.create(section_id="knots", title="Knots")
    section.units.create(unit_id="knots_u2", title="Bends", order=2)
    section.units.create(unit_id="knots_u1", title="Loops", order=1)
    make_step(4, level_id="draft", name="Draft", published=False), LevelFactory(category="knots", name="No training")
    submit()

    def level(number, status):
        return {
            "level_id": f"knots_u1_l{number}",
            "title": f"Knot {number}",
            "level_number": number,
            "difficulty": "normal",
            "xp_reward": 10,
            "status": status,
        }

    answer = learner_api.get(PATH.format("knots"))
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "section_id": "knots",
            "section_title": "Knots",
            "units": [
                {
                    "unit_id": "knots_u1",
                    "unit_title": "Loops",
                    "order": 1,
                    "levels": [level(1, "completed"), level(2, "unlocked"), level(3, "locked")],
                },
                {"unit_id": "knots_u2", "unit_title": "Bends", "order": 2, "levels": []},
            ],
        },
    )


def test_what_has_no_title_is_called_by_its_id(learner_api, unit):
    answer = learner_api.get(PATH.format("knots")).json()
    (only,) = answer["units"]
    assert (answer["section_title"], only["unit_id"], only["unit_title"], only["order"]) == (
        "knots",
        "knots_u1",
        "knots_u1",
        1,
    )


@pytest.mark.parametrize("category", ["nowhere", "testing", "Knots", "%20", "x" * 5000])
def test_a_section_without_training_is_not_found(learner_api, unit, category):
    LevelFactory(category="testing")
    assert problem(learner_api.get(PATH.format(category))) == (404, "section_not_found", None)


def test_the_shipped_catalogue_is_walked_by_its_paths(learner_api):
    call_command("load_catalogue", stdout=StringIO())
    path = learner_api.get(PATH.format("ppgd")).json()
    assert (path["section_title"], len(path["units"])) == ("Pertolongan Pertama (PPGD)", 5)
    assert [len(unit["levels"]) for unit in path["units"]] == [5] * 5
    sent = {"level_id": "puk_u1_l1", "score": 100, "total_questions": 1, "correct_answers": 1}
    assert learner_api.post(SUBMIT, sent).json()["next_level_id"] == "puk_u1_l2"


@pytest.mark.parametrize("count", [1, 3])
def test_a_path_costs_seven_statements(learner_api, count):
    section, needed = Section.objects.create(section_id="knots", title="Knots"), []
    for number in range(count):
        section.units.create(unit_id=f"u{number}", title=f"Unit {number}", order=number)
        needed = [make_step(number, *needed, unit=f"u{number}")]
    with CaptureQueriesContext(connection) as statements:
        assert len(learner_api.get(PATH.format("knots")).json()["units"]) == count
    # The person; levels, what they need, what is done, what was paid; the section, its units.
    assert len(statements) == 7


def test_anonymous_clients_get_401(api):
    assert (api.get(PATH.format("knots")).status_code, api.post(SUBMIT).status_code) == (401, 401)

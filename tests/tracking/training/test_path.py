"""training/sections/{id}/path: the units and levels of a section, and how far a learner is."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from levels.models import Section
from tests.factories import LevelFactory

from .conftest import PATH, SUBMIT, make_step, problem

pytestmark = pytest.mark.django_db


def test_a_path_shows_units_and_levels_in_order_with_the_learners_progress(submit, learner_api):
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


def test_a_section_or_unit_without_a_title_is_named_by_its_id(learner_api, unit):
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


def test_the_paths_of_the_shipped_catalogue_lead_from_level_to_level(learner_api):
    call_command("load_catalogue", stdout=StringIO())
    path = learner_api.get(PATH.format("ppgd")).json()
    assert (path["section_title"], len(path["units"])) == ("First Aid (PPGD)", 5)
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

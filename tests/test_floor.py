"""The view that benchmarks compare a completion with answers."""

from tests.factories import LevelFactory
from tracking.models import Completion


def test_the_floor_records_a_completion_of_its_own(settings, learner_api, learner):
    easy = LevelFactory()
    settings.ROOT_URLCONF = "benchmarks.floor"
    answer = learner_api.post("/api/v1/floor", {"level_id": easy.level_id, "score": 700}, format="json")
    assert (answer.status_code, answer.json()["score"]) == (200, 700)
    assert Completion.objects.get(learner=learner).score == 700

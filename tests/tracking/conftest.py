import pytest

from tests.factories import LevelFactory


@pytest.fixture
def level(db):
    """Like level-3 of the cyber catalogue: 850 points in time and without hints are worth 28 XP."""
    return LevelFactory(
        level_id="level-3",
        number=3,
        name="Malware Mayhem",
        category="Threat Detection",
        icon="bi-bug",
        expected_time_seconds=1500,
        estimated_time="25 minutes",
        xp_reward=200,
        skills=["Threat Analysis"],
    )


@pytest.fixture
def complete(learner_api):
    """`complete(score=…)` posts levels/complete as the learner."""

    def complete(client=learner_api, headers=None, **body):
        return client.post("/api/v1/levels/complete", {"level_id": "level-3", **body}, headers=headers)

    return complete

"""What the API's documentation says about training."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from apidocs.operations import answer_example, documented, request_example
from gamification.api.docs import REWARD
from levels.errors import LevelNotFound, SectionNotFound
from tracking.errors import TrackingDisabled, VerifiedOnly
from tracking.recording.examples import LOCKED

from .serializers import TrainingAnswerSerializer, TrainingPathSerializer

PATH = {
    "section_id": "ppgd",
    "section_title": "Pertolongan Pertama (PPGD)",
    "units": [
        {
            "unit_id": "ppgd_u1",
            "unit_title": "Penolong Pertama",
            "order": 1,
            "levels": [
                {
                    "level_id": "ppgd_u1_l1",
                    "title": "Penolong Pertama 1",
                    "level_number": 1,
                    "difficulty": "easy",
                    "xp_reward": 10,
                    "status": "completed",
                }
            ],
        }
    ],
}
RESULT = {
    "level_id": "ppgd_u1_l1",
    "score": 100,
    "total_questions": 1,
    "correct_answers": 1,
    "time_spent_seconds": 75,
}
ANSWER = {
    "level_id": "ppgd_u1_l1",
    "status": "completed",
    "score": 100,
    "correct_answers": 1,
    "total_questions": 1,
    "xp_earned": 10,
    "total_xp": 340,
    "next_level_id": "ppgd_u1_l2",
    **REWARD,
    "awarded_xp": 10,
    "total_awarded_xp": 10,
    "xp_breakdown": [{"factor": "base", "value": 10}],
    "entries": [{"reason": "training_progress", "delta": 10, "balance_after": 340}],
    "held": False,
    "held_reason": None,
    "server_time": "2026-03-01T12:00:00Z",
}


path = documented(
    "Training",
    "getTrainingPath",
    "Get a section of training, unit by unit, with my progress",
    "`category` is the section's id, the `category` of its levels.",
    parameters=[OpenApiParameter("category", OpenApiTypes.STR, OpenApiParameter.PATH, description="A `section_id`.")],
    responses=TrainingPathSerializer,
    raises=[SectionNotFound],
    examples=[answer_example(PATH)],
)
submit = documented(
    "Training",
    "submitTraining",
    "Submit the result of a training level; paid once",
    "It is passed with enough right answers, which opens the next level of its unit. The same result within 10 s is a "
    "repeat and gets the first answer. A failed retry takes nothing away.",
    responses=TrainingAnswerSerializer,
    raises=[LOCKED, TrackingDisabled, VerifiedOnly, LevelNotFound],
    examples=[request_example(RESULT), answer_example(ANSWER)],
)

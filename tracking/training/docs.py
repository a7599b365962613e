"""What the API's documentation says about training; the views say only what they do."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from gamification.api.docs import REWARD

from .serializers import TrainingAnswerSerializer, TrainingPathSerializer

PATH = {
    "success": True,
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
    "success": True,
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
    "server_time": "2026-03-01T12:00:00Z",
}


def documented(summary, description, *examples, **options):
    return extend_schema(
        tags=["Training"], summary=summary, description=description, examples=list(examples), **options
    )


path = documented(
    "A section of training, unit by unit, and how far I am",
    "`category` is the section's id, the `category` of its levels.",
    OpenApiExample("Answer", PATH, response_only=True),
    parameters=[OpenApiParameter("category", OpenApiTypes.STR, OpenApiParameter.PATH, description="A `section_id`.")],
    responses={200: TrainingPathSerializer, 404: OpenApiResponse(description="`section_not_found`.")},
)
submit = documented(
    "Submit the result of a training level; paid once",
    "It is passed with enough right answers, which opens the next level of its unit. The same result within 10 s is a "
    "repeat and gets the first answer. A failed retry takes nothing away.",
    OpenApiExample("Request", RESULT, request_only=True),
    OpenApiExample("Answer", ANSWER, response_only=True),
    responses={
        200: TrainingAnswerSerializer,
        403: OpenApiResponse(description="`level_locked` (with `missing`) or `tracking_disabled`."),
        404: OpenApiResponse(description="`level_not_found`: there is no such training level."),
    },
)

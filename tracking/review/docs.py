"""What the API's documentation says about reviews."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from apidocs.operations import answer_example, documented, request_example
from gamification.api.docs import REWARD
from tracking.errors import (
    AlreadyAnswered,
    AnswerNotUnderstood,
    NotDue,
    QuestionChanged,
    QuestionNotFound,
    TrackingDisabled,
)

from .serializers import MySkillsSerializer, ReviewedSerializer, ReviewExplanationSerializer, ReviewQueueSerializer

TAG = "Practice"
QUESTION = {
    "question_id": "phishing-pond-sender",
    "kind": "single_choice",
    "prompt_html": "<p>Which sender is genuine?</p>",
    "prompt_text": "Which sender is genuine?",
    "choices": [
        {"id": "aa00000000000001", "text": "help@examp1e.test", "html": "help@examp1e.test"},
        {"id": "aa00000000000002", "text": "help@example.test", "html": "help@example.test"},
    ],
    "matches": [],
    "has_hint": False,
}
ANSWER = {"question_id": "phishing-pond-sender", "answer": "aa00000000000002"}
REVIEWED = {
    "correct": True,
    "correct_answer": "aa00000000000002",
    "explanation_html": "<p>The other one has a <em>1</em> for an l.</p>",
    "explanation_text": "The other one has a 1 for an l.",
    "reviewed_today": 3,
    "remaining": 4,
    **REWARD,
    "awarded_xp": 1,
    "total_awarded_xp": 1,
    "new_total_xp": 341,
    "xp_breakdown": [{"factor": "review", "value": 1}],
    "entries": [{"reason": "review", "delta": 1, "balance_after": 341}],
    "trust": "verified",
}
SKILLS = {"skills": [{"skill": "phishing", "questions": 24, "known": 12, "remembered": 9, "percent": 37}]}
EXPLAINED = {
    "question_id": "phishing-pond-sender",
    "correct": True,
    "answered_at": "2026-03-01T12:00:00Z",
    "stability_days": 2.31,
    "retrievability": 0.8792,
    "remembered": False,
    "is_due": True,
    "due_at": "2026-03-03T12:00:00Z",
    "why": (
        "You last answered this question on 1 March 2026, and rightly. The chance that you know it falls to 90% after "
        "2.3 days; now it is 88%, so it has been due since 3 March 2026."
    ),
}

queue = documented(
    TAG,
    "getReviewQueue",
    "Get the questions that I am about to forget",
    "A question is due again when the chance of a right answer falls to about 90%, by the FSRS algorithm; one that was "
    "answered wrongly is due after 10 minutes. Choices keep their order until the question is answered.",
    responses=ReviewQueueSerializer,
    examples=[answer_example({"due": 1, "questions": [QUESTION]})],
)
answer = documented(
    TAG,
    "answerReview",
    "Answer a question that is due; counted and paid once",
    "The same answer again, before the question is due again, gets the first answer; another one `already_answered`. A "
    "right answer pays by the rules in force (1 XP, at most 20 on a local date, at first). A local date with enough "
    "different questions (5) counts as a streak day with a completion.",
    responses=ReviewedSerializer,
    raises=[QuestionNotFound, NotDue, AlreadyAnswered, AnswerNotUnderstood, QuestionChanged, TrackingDisabled],
    examples=[request_example(ANSWER), answer_example(REVIEWED)],
)
skills = documented(
    TAG,
    "listMySkills",
    "List how much of each skill I remember",
    responses=MySkillsSerializer,
    examples=[answer_example(SKILLS)],
)
explanation = documented(
    "Why?",
    "explainReview",
    "Explain when a question is due, and why",
    parameters=[OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="question_id")],
    responses=ReviewExplanationSerializer,
    raises=[QuestionNotFound],
    examples=[answer_example(EXPLAINED)],
)

"""What the API's documentation says about plays."""

from drf_spectacular.utils import OpenApiParameter

from apidocs.operations import answer_example, documented, request_example
from gamification.api.docs import REWARD
from levels.errors import LevelNotFound
from tracking.errors import (
    AlreadyAnswered,
    AnswerNotUnderstood,
    LevelHasNoContent,
    NoHint,
    PlayFinished,
    QuestionChanged,
    QuestionNotFound,
    SessionAbandoned,
    SessionNotFound,
    TrackingDisabled,
)
from tracking.recording.examples import BEGAN, ENDED, LOCKED

from .serializers import AnswerVerdictSerializer, FinishedPlaySerializer, PlaySerializer, TakenHintSerializer

QUESTION_ID = "level-3-attachment"
RIGHT, WRONG = "aa00000000000001", "aa00000000000002"
VERDICT = {
    "correct": True,
    "correct_answer": RIGHT,
    "explanation_html": "<p>The name ends in <code>.exe</code>.</p>",
    "explanation_text": "The name ends in .exe.",
}
PLAY = {
    "session_id": 125,
    "level_id": "level-3",
    "questions": [
        {
            "question_id": QUESTION_ID,
            "kind": "single_choice",
            "prompt_html": "<p>Which file do you <em>not</em> open?</p>",
            "prompt_text": "Which file do you not open?",
            "choices": [
                {"id": WRONG, "text": "invoice.pdf", "html": "<code>invoice.pdf</code>"},
                {"id": RIGHT, "text": "invoice.pdf.exe", "html": "<code>invoice.pdf.exe</code>"},
            ],
            "matches": [],
            "has_hint": True,
        }
    ],
    "answered": [],
}
FINISHED = {
    "session_id": 125,
    "time_spent": 120,
    "session": {"session_name": "Malware Mayhem", "score": 900, "start_time": BEGAN, "end_time": ENDED},
    **REWARD,
    "trust": "verified",
    "held": False,
    "held_reason": None,
    "right": 9,
    "asked": 10,
    "skills_to_practise": [],
    "is_new_completion": True,
    "server_time": ENDED,
}
LEVEL_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="`level_id` or `number` of a level.")
SESSION_ID = OpenApiParameter("session_id", int, OpenApiParameter.PATH, description="Of one of my plays.")

start = documented(
    "Plays",
    "startPlay",
    "Start a play of a level, or go on with the one that is open",
    "The server draws the questions: missed ones first, then those never seen. A play that is open is continued with "
    "the same questions in the same order, on any device, for a day. Questions may be answered in any order.",
    parameters=[LEVEL_ID],
    responses=PlaySerializer,
    raises=[LevelNotFound, TrackingDisabled, LOCKED, LevelHasNoContent],
    examples=[answer_example(PLAY)],
)
hint = documented(
    "Plays",
    "takeHint",
    "Take the hint of a question",
    "Counted once, and not at all after the question was answered.",
    parameters=[SESSION_ID],
    responses=TakenHintSerializer,
    raises=[SessionNotFound, QuestionNotFound, NoHint, PlayFinished, SessionAbandoned],
    examples=[
        request_example({"question_id": QUESTION_ID}),
        answer_example({"hint": "Look at the end of the name."}),
    ],
)
answer = documented(
    "Plays",
    "answerQuestion",
    "Answer a question of a play; the first answer counts",
    "The same answer again gets the same verdict. The right answer is told here and nowhere before.",
    parameters=[SESSION_ID],
    responses=AnswerVerdictSerializer,
    raises=[
        SessionNotFound,
        QuestionNotFound,
        AnswerNotUnderstood,
        AlreadyAnswered,
        QuestionChanged,
        PlayFinished,
        SessionAbandoned,
    ],
    examples=[
        request_example({"question_id": QUESTION_ID, "answer": RIGHT}),
        answer_example({**VERDICT, "answered": 1, "remaining": 9}),
    ],
)
finish = documented(
    "Plays",
    "finishPlay",
    "Finish a play; its level is completed and paid once where it passed",
    "Questions that were not answered are wrong. It passes where at least the level's `pass_percent` of the questions "
    "were right; then it pays by the level's rule with the score `floor(max_score x right / asked)`. Finishing it "
    "again gives the first answer and `is_new_completion: false`.",
    parameters=[SESSION_ID],
    responses=FinishedPlaySerializer,
    raises=[TrackingDisabled, SessionNotFound, SessionAbandoned],
    examples=[answer_example(FINISHED)],
)

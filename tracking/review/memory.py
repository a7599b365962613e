"""What a learner remembers of a question, by the FSRS algorithm: pure, it reads and writes no rows.

Why this algorithm, these steps and no fuzz: docs/decisions/0023.
"""

from datetime import UTC, datetime, timedelta

from fsrs import Card, Rating, Scheduler, State

from levels.models import Question
from tracking.models import QuestionMemory

REMEMBERED = 0.9  # the chance of a right answer at which a question is due, and above which it counts as remembered
STEP = timedelta(minutes=10)  # until a wrong answer is asked again
FIELDS = ["state", "step", "stability", "difficulty", "due", "last_review", "correct"]

SCHEDULER = Scheduler(
    desired_retention=REMEMBERED, learning_steps=[STEP], relearning_steps=[STEP], enable_fuzzing=False
)


def rating_of(*, correct: bool, hint_taken: bool = False) -> Rating:
    if not correct:
        return Rating.Again
    return Rating.Hard if hint_taken else Rating.Good


def new_memory(learner_id: int, question: Question, rating: Rating, at: datetime) -> QuestionMemory:
    """Of a first answer; unsaved."""
    memory = QuestionMemory(learner_id=learner_id, question=question)
    _take_over(memory, Card(card_id=question.pk), rating, at)
    return memory


def follow_answer(memory: QuestionMemory, rating: Rating, at: datetime) -> None:
    """Change `memory` by one more answer; one that arrives late counts at the moment of the last one."""
    _take_over(memory, _card_of(memory), rating, max(at, memory.last_review))


def retrievability(memory: QuestionMemory, at: datetime) -> float:
    """The chance (0 to 1) that the learner would answer rightly at that moment, by whole days since the last answer."""
    return float(SCHEDULER.get_card_retrievability(_card_of(memory), at.astimezone(UTC)))


def is_remembered(memory: QuestionMemory, at: datetime) -> bool:
    """Whether it was answered rightly at last, and is not due before `at`."""
    return memory.correct and at < memory.due


def _take_over(memory: QuestionMemory, card: Card, rating: Rating, at: datetime) -> None:
    card, _ = SCHEDULER.review_card(card, rating, at.astimezone(UTC))
    memory.state, memory.step = card.state.value, card.step
    memory.stability, memory.difficulty = card.stability, card.difficulty
    memory.due, memory.last_review = card.due, card.last_review
    memory.correct = rating != Rating.Again


def _card_of(memory: QuestionMemory) -> Card:
    return Card(
        card_id=memory.question_id,
        state=State(memory.state),
        step=memory.step,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due.astimezone(UTC),
        last_review=memory.last_review.astimezone(UTC),
    )

"""The page on which questions are practised that are due, one at a time."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe
from rest_framework.exceptions import APIException

from gamification.awards import profile_of, published_rules
from gamification.models import LearnerProfile
from gamification.streaks import local_date
from tracking.errors import AlreadyAnswered, AnswerNotUnderstood, NotDue, QuestionChanged
from tracking.models import QuestionMemory, Review
from tracking.review.answering import answer_review
from tracking.review.explaining import why_sentence
from tracking.review.questions import count_due, due_of, first_due, known_to, seed_of

from .access import for_learners, rate_limited, without_nul
from .next_step import next_step_of
from .play_texts import script_texts
from .questions import Feedback, Incomplete, QuestionForm


@dataclass(frozen=True)
class Due:
    """A question that is due, as a form, and why it is."""

    form: QuestionForm
    left: int  # questions that are due, with this one
    why: str


@dataclass(frozen=True)
class Practice:
    learner_id: int
    profile: LearnerProfile
    at: datetime

    def due(self, data: QueryDict) -> list[Due]:
        """`data` is what was typed. The question that it belongs to comes first."""
        typed_for = data.get("question_id")
        memories = first_due(self.learner_id, self.at)
        memories.sort(key=lambda memory: memory.question.question_id != typed_for)
        count = count_due(memories, self.learner_id, self.at)
        return [self._due(memory, count - place, data) for place, memory in enumerate(memories)]

    def _due(self, memory: QuestionMemory, left: int, data: QueryDict) -> Due:
        is_typed = memory.question.question_id == data.get("question_id")
        form = QuestionForm(memory.question, seed_of(memory), data if is_typed else None)
        form.has_hint = False  # practising means remembering without one
        return Due(form, left, why_sentence(memory, self.profile, self.at))

    def reviewed_today(self) -> int:
        reviews = Review.objects.filter(learner=self.learner_id, date=local_date(self.profile, self.at))
        return reviews.values("question").distinct().count()

    def next_due(self) -> datetime | None:
        """None for somebody who has not answered any question yet."""
        return known_to(self.learner_id).order_by("due").values_list("due", flat=True).first()

    def review(self, question_id: str) -> Review | None:
        """The last one of the question, until that is due again: it says what is right."""
        reviews = Review.objects.filter(learner=self.learner_id, question__question_id=question_id)
        reviews = reviews.exclude(question__in=due_of(self.learner_id, self.at).values("question"))
        return reviews.select_related("question").order_by("-pk").first()


@require_safe
@for_learners
@ensure_csrf_cookie
def practice(request) -> HttpResponse:
    review = practice_of(request).review(request.GET.get("answered", ""))
    return show(request, review=review)


@require_POST
@for_learners
@rate_limited("write")
@without_nul
def answer(request) -> HttpResponse:
    practising, question_id = practice_of(request), request.POST.get("question_id", "")
    memory = due_of(practising.learner_id, practising.at).filter(question__question_id=question_id).first()
    try:
        if memory:
            given = QuestionForm(memory.question, seed_of(memory), request.POST).answer()
            answer_review(learner=request.user, question_id=question_id, answer=given, at=practising.at)
    except (Incomplete, AnswerNotUnderstood, QuestionChanged) as problem:
        return show(request, error=str(problem.detail if isinstance(problem, APIException) else problem))
    except (AlreadyAnswered, NotDue):
        pass  # in another tab; the page shows that answer
    return redirect(f"{reverse('practice')}?{urlencode({'answered': question_id})}")


def practice_of(request) -> Practice:
    return Practice(request.user.pk, profile_of(request.user), timezone.now())


def show(request, *, review: Review | None = None, error: str = "") -> HttpResponse:
    practising = practice_of(request)
    due = practising.due(request.POST)
    asked = due[0] if due and not review else None
    if asked:
        asked.form.error = error
    context = {
        "profile": practising.profile,
        "due": due,
        "asked": asked,
        "waiting": [each for each in due if each is not asked],
        "review": review,
        "feedback": review and Feedback(review.question, answer=review.answer, correct=review.correct),
        "today": practising.reviewed_today(),
        "keeps_streak": published_rules().reviews_for_a_day,
        "next_due": None if due else practising.next_due(),
        "next": None if due else next_step_of(request.user, practising.at),
        "action": reverse("practice-answer"),
        "total": len(due),
        "texts": script_texts(),
    }
    return render(request, "pages/play/practice.html", context)

"""The result of a play: what it earned, what to practise, and the one step that comes next."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracking.models import Completion, Play

from . import labels, sentences
from .access import for_learners
from .next_step import next_step_of
from .questions import Feedback, QuestionForm
from .rounds import Round, feedback_on


@dataclass(frozen=True)
class Missed:
    """A question that was answered wrongly, or not at all: then nothing says what is right."""

    form: QuestionForm
    feedback: Feedback | None


@dataclass(frozen=True)
class PlayResult:
    round: Round
    completion: Completion

    @property
    def right(self) -> int:
        return sum(row.correct is True for row in self.round.rows)

    @property
    def state(self) -> str:
        if self.completion.refused:
            return "refused"
        if self.completion.held:
            return "held"
        return "passed" if self.completion.passed else "failed"

    @property
    def needed_percent(self) -> int:
        return self.round.play.pass_percent

    @cached_property
    def reward(self) -> dict[str, Any]:
        return self.completion.given_answer

    @property
    def xp(self) -> int:
        return self.reward["total_awarded_xp"] if self.state == "passed" else 0

    @property
    def is_gain(self) -> bool:
        return self.xp > 0 or (self.state == "passed" and bool(self.unlocked))

    @property
    def unlocked(self) -> list[dict[str, str]]:
        return [*self.reward["unlocked_achievements"], *self.reward["unlocked_badges"]]

    @property
    def streak_text(self) -> str:
        streak = self.reward["streak"]
        return sentences.streak_action_text(streak["action"], streak["current_streak"]) if streak else ""

    @property
    def sum(self) -> list[tuple[str, int]]:
        """Adds up to everything that the play earned."""
        days = (self.reward["streak"] or {}).get("current_streak", 0)
        bonus = [entry for entry in self.reward["entries"] if entry["reason"] == "streak_bonus"]
        unlocked = self.reward["unlocked_achievements"]
        return [
            *((labels.factor_label(part["factor"]), part["value"]) for part in self.reward["xp_breakdown"]),
            *((sentences.streak_day_text(days), entry["delta"]) for entry in bonus),
            *((_for_achievement(each["name"]), each["xp_reward"]) for each in unlocked if each["xp_reward"]),
        ]

    @cached_property
    def missed(self) -> list[Missed]:
        wrong = [row for row in self.round.rows if not row.correct]
        return [Missed(QuestionForm(row.question, ""), feedback_on(row) if row.answered_at else None) for row in wrong]


def _for_achievement(name: str) -> str:
    return _("for the achievement “%(name)s”") % {"name": name}


@require_safe
@for_learners
def play_result(request, session_id: int) -> HttpResponse:
    plays = Play.objects.select_related("session__level", "session__completion")
    play = plays.filter(pk=session_id, session__learner=request.user).first()
    if play is None:
        raise Http404
    session = play.session
    if not session.has_ended:
        return redirect("play", session.level.level_id)
    context = {
        "level": session.level,
        "result": PlayResult(Round.of(play), session.completion),
        "next": next_step_of(request.user, timezone.now(), after=session.level),
    }
    return render(request, "pages/play/result.html", context)

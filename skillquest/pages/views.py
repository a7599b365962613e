"""The learner's pages. They combine what the other apps offer, without rules of their own."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from gamification.awards import player_level_at, profile_of, published_rules
from gamification.earnables import values_of
from gamification.leaderboards import METRICS
from levels.api.filters import LevelFilter
from levels.models import Level, Question
from tracking.models import Completion

from . import labels
from .access import for_learners
from .achievements import cards_of, latest, nearest
from .catalogue import Step, catalogue_page, categories, steps_of
from .chart import xp_chart
from .forms import CatalogueForm
from .history import recent_lines
from .leaderboards import board_page
from .next_step import choose_next_step, steps_that_count
from .notifications import take_notifications
from .streak import streak_card

LINES_ON_DASHBOARD = 8
UNLOCKED_ON_DASHBOARD, NEAREST_ON_DASHBOARD = 6, 3
COMPLETIONS_ON_LEVEL = 10


@require_safe
def landing(request) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("dashboard")
    return render(request, "pages/landing.html", {"factors": labels.FACTOR_WORDS})


@require_safe
@for_learners
def dashboard(request) -> HttpResponse:
    at, learner = timezone.now(), request.user
    profile, rules = profile_of(learner), published_rules()
    streak = streak_card(profile, at=at)
    steps = steps_that_count(learner)
    cards = cards_of(learner, values_of(profile, rules, at))
    return render(
        request,
        "pages/dashboard.html",
        {
            "profile": profile,
            "rank": player_level_at(profile.total_xp, rules),
            "notifications": take_notifications(request),
            "streak": streak,
            "next": choose_next_step(learner, steps, at),
            "levels_done": sum(step.state == "completed" for step in steps),
            "levels_total": len(steps),
            "levels_waiting": sum(step.is_waiting for step in steps),
            "nearest": nearest(cards, NEAREST_ON_DASHBOARD),
            "latest": latest(cards, UNLOCKED_ON_DASHBOARD),
            "achievements_total": len(cards),
            "page": board_page(METRICS["xp_all_time"], profile, top=3, neighbours=1, at=at, rules=rules),
            "chart": xp_chart(profile, streak.status.today),
            "lines": recent_lines(learner, LINES_ON_DASHBOARD, [card.achievement for card in cards]),
        },
    )


@require_safe
@for_learners
def catalogue(request) -> HttpResponse:
    shelves = categories()
    form = CatalogueForm(request.GET or None, categories=[(shelf.name, shelf.title) for shelf in shelves])
    wanted = form.cleaned_data if form.is_valid() else {}
    state = wanted.pop("status", "")
    levels = LevelFilter(wanted, queryset=Level.objects.visible()).qs
    page, groups = catalogue_page(request.user, levels, state=state, number=request.GET.get("page"))
    chosen = {name: value for name, value in form.data.items() if name in form.fields and value}
    paths = [shelf for shelf in shelves if shelf.has_path]
    context = {"form": form, "page": page, "groups": groups, "chosen": urlencode(chosen), "paths": paths}
    return render(request, "pages/catalogue.html", context)


@require_safe
@for_learners
def level(request, level_id) -> HttpResponse:
    step = _step_or_404(request, level_id)
    completions = Completion.objects.filter(learner=request.user, level=step.level)
    return render(
        request,
        "pages/level.html",
        {
            "step": step,
            "level": step.level,
            "skills": skills_of(step),
            "profile": profile_of(request.user),
            "completions": completions.order_by("-created_at", "-pk")[:COMPLETIONS_ON_LEVEL],
        },
    )


def skills_of(step: Step) -> list[str]:
    """What the level trains: its own list, or else the skills of its questions."""
    if step.level.skills or not step.has_content:
        return step.level.translated("skills")
    questions = Question.objects.published().filter(level=step.level).only("skill", "language", "translations")
    return sorted({question.translated("skill") for question in questions} - {""})


def _step_or_404(request, level_id) -> Step:
    steps = steps_of(request.user, Level.objects.visible().filter(level_id=level_id))
    if not steps:
        raise Http404
    return steps[0]

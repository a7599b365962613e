"""The learner's pages. Each is put together out of the apps below; none of them decides anything."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from gamification.services import player_level, profile_of
from levels.filters import LevelFilter
from levels.models import Level
from tracking.models import Completion

from . import games, words
from .forms import CatalogueForm
from .history import recent_lines
from .shelves import arrange, category_choices, next_step, steps_of

LINES_ON_DASHBOARD = 10
COMPLETIONS_ON_LEVEL = 10


def for_learners(view):
    """A page for whoever is signed in; the browser keeps no copy to show after the sign-out."""
    return never_cache(login_required(view))


@require_safe
def landing(request):
    if request.user.is_authenticated:
        return redirect("dashboard")
    return render(request, "pages/landing.html", {"factors": words.FACTORS})


@require_safe
@for_learners
def dashboard(request):
    profile = profile_of(request.user)
    steps = steps_of(request.user, Level.objects.visible())
    counted = [step for step in steps if step.progress]
    return render(
        request,
        "pages/dashboard.html",
        {
            "profile": profile,
            "rank": player_level(profile.total_xp),
            "lines": recent_lines(request.user, LINES_ON_DASHBOARD),
            "next": next_step(steps),
            "levels_done": sum(step.state == "completed" for step in counted),
            "levels_total": len(counted),
        },
    )


@require_safe
@for_learners
def catalogue(request):
    form = CatalogueForm(request.GET or None, categories=category_choices())
    wanted = form.cleaned_data if form.is_valid() else {}
    status = wanted.pop("status", "")
    levels = LevelFilter(wanted, queryset=Level.objects.visible()).qs
    steps = [step for step in steps_of(request.user, levels) if not status or step.state == status]
    return render(
        request, "pages/catalogue.html", {"form": form, "shelves": arrange(steps), "filtered": any(form.data.values())}
    )


@require_safe
@for_learners
def level(request, level_id):
    step = _step_or_404(request, level_id)
    completions = Completion.objects.filter(learner=request.user, level=step.level)
    return render(
        request,
        "pages/level.html",
        {
            "step": step,
            "level": step.level,
            "profile": profile_of(request.user),
            "completions": completions.order_by("-created_at", "-pk")[:COMPLETIONS_ON_LEVEL],
        },
    )


@require_safe
@for_learners
@ensure_csrf_cookie
def play(request, level_id):
    step = _step_or_404(request, level_id)
    if not games.exists(level_id):
        raise Http404
    if not step.is_playable_here:
        return redirect("level", level_id)
    return render(
        request,
        f"pages/games/{level_id}.html",
        {"level": step.level, "content": games.content()[level_id], "words": words.game_words()},
    )


def _step_or_404(request, level_id):
    steps = steps_of(request.user, Level.objects.visible().filter(level_id=level_id))
    if not steps:
        raise Http404
    return steps[0]

"""One tab of the page of one learner."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from gamification.models import LearnerProfile

from .acts import acts_on
from .tabs import TABS, Tab
from .visits import Visit


def find_visit(request: HttpRequest, learner_id: int) -> Visit:
    profile = LearnerProfile.objects.select_related("user").filter(pk=learner_id).first()
    if profile is None:
        raise Http404
    return Visit(request, profile, timezone.now())


def show_tab(model_admin: Any, visit: Visit, tab: Tab) -> HttpResponse:
    if not tab.is_shown(visit):
        raise PermissionDenied
    context = {
        **model_admin.admin_site.each_context(visit.request),
        "opts": model_admin.opts,
        "original": visit.profile,
        "title": f"{visit.profile.user.get_full_name()}",
        "subtitle": tab.title,
        "visit": visit,
        "profile": visit.profile,
        "tab": tab,
        "tabs": [(each, each.address(visit.learner_id)) for each in TABS if each.is_shown(visit)],
        "acts_on_learner": acts_on(visit),
        **tab.content(visit),
    }
    return render(visit.request, "admin/learner_page/page.html", context)

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone

from gamification.admin import LearnerProfileAdmin
from gamification.models import LearnerProfile
from gamification.staff import REVERSE_SINCE
from tracking.staff.unusual_activity import find_unusual_activity

from .reverse_since import show_and_reverse

# What is reversed is chosen by level and source, which gamification does not know.
admin.site.unregister(LearnerProfile)


@admin.register(LearnerProfile)
class LearnerOfLevelsAdmin(LearnerProfileAdmin):
    change_list_template = "admin/tracking/learner/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        reversing = self.action_page(self.reverse_since_view, REVERSE_SINCE)
        return [
            path("unusual/", self.admin_site.admin_view(self.unusual_view), name="gamification_learnerprofile_unusual"),
            path("<int:learner_id>/reverse/", reversing, name="gamification_learnerprofile_reverse_since"),
            *super().get_urls(),
        ]

    def unusual_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Unusual activity",
            "activity": find_unusual_activity(timezone.now()),
        }
        return render(request, "admin/tracking/learner/unusual.html", context)

    def reverse_since_view(self, request: HttpRequest, learner_id: int) -> HttpResponse:
        return show_and_reverse(self, request, learner_id)

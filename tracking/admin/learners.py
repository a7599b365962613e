from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from gamification.admin import LearnerProfileAdmin
from gamification.models import LearnerProfile

from .reverse_since import show_and_reverse

# What is reversed is chosen by level and source, which gamification does not know.
admin.site.unregister(LearnerProfile)


@admin.register(LearnerProfile)
class LearnerOfLevelsAdmin(LearnerProfileAdmin):
    action_links = {**LearnerProfileAdmin.action_links, "reverse_since_link": "gamification.award_xp"}
    readonly_fields = [*LearnerProfileAdmin.readonly_fields, "results", "reverse_since_link"]
    fields = [*LearnerProfileAdmin.fields, "results", "reverse_since_link"]

    def get_urls(self) -> list[URLPattern]:
        reversing = self.action_page(self.reverse_since_view)
        return [
            path("<int:learner_id>/reverse/", reversing, name="gamification_learnerprofile_reverse_since"),
            *super().get_urls(),
        ]

    @admin.display(description="Results")
    def results(self, profile: LearnerProfile) -> str:
        url = reverse("admin:tracking_completion_changelist")
        return format_html('<a href="{}?learner__id__exact={}">All results</a>', url, profile.pk)

    @admin.display(description="Many at once")
    def reverse_since_link(self, profile: LearnerProfile) -> str:
        url = reverse("admin:gamification_learnerprofile_reverse_since", args=[profile.pk])
        return format_html('<a href="{}">Reverse since…</a>', url)

    def reverse_since_view(self, request: HttpRequest, learner_id: int) -> HttpResponse:
        return show_and_reverse(self, request, learner_id)

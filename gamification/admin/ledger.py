from django.contrib import admin, messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from gamification.awards import adjustments
from gamification.models import LedgerEntry
from gamification.staff.forms import StaffActForm
from gamification.staff.reversal_plans import plan_reversal

from .acts import ActsAdmin


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ActsAdmin):
    list_display = ["id", "learner", "sequence", "delta", "reason", "balance_after", "actor", "note", "created_at"]
    list_filter = ["reason", "created_at"]
    list_select_related = ["learner", "actor"]
    search_fields = ["learner__username", "reference_id", "note"]
    ordering = ["-id"]
    show_full_result_count = False
    change_form_template = "admin/gamification/ledgerentry/change_form.html"
    fields = [
        "learner",
        "sequence",
        "delta",
        "reason",
        "reference_type",
        "reference_id",
        "subject",
        "balance_after",
        "rule_set",
        "actor",
        "note",
        "reversal_of",
        "taken_back_by",
        "metadata",
        "effective_at",
        "created_at",
    ]
    readonly_fields = ["taken_back_by"]

    def get_urls(self):
        reversing = self.act_page(self.reverse_view)
        return [
            path("<int:entry_id>/reverse/", reversing, name="gamification_ledgerentry_reverse"),
            *super().get_urls(),
        ]

    @admin.display(description="Taken back by")
    def taken_back_by(self, entry):
        back = getattr(entry, "reversed_by", None)
        if back is None:
            return "-"
        return format_html('<a href="{}">line {}</a>', _page_of(back), back.pk)

    def more_consequences(self, entry) -> list[str]:
        """What a reversal changes beyond XP, one sentence each; for apps that know what the entry paid for."""
        return []

    def reverse_view(self, request, entry_id):
        """The plan with a form, then done: once, whoever else presses the button meanwhile."""
        entry = get_object_or_404(LedgerEntry.objects.select_related("learner"), pk=entry_id)
        form = StaffActForm(request.POST or None)
        if form.is_valid() and self.do(request, entry, form, lambda: self._reverse(request, entry, form)):
            return redirect(_page_of(entry))
        if request.method == "POST" and (back := LedgerEntry.objects.filter(reversal_of=entry).first()):
            messages.warning(request, f"This line has been reversed already, by line {back.pk}.")
            return redirect(_page_of(entry))
        return self.show_act(
            request,
            "ledgerentry/reverse.html",
            title=f"Reverse line {entry.pk}",
            entry=entry,
            form=form,
            plan=plan_reversal(entry, actor=request.user, at=timezone.now()),
            more_consequences=self.more_consequences(entry),
        )

    def _reverse(self, request, entry, form) -> str:
        back = adjustments.reverse(entry, actor=request.user, at=timezone.now(), **form.cleaned_data)
        return (
            f"Reversed by line {back.pk}: {back.delta:+d} XP, the balance is {back.balance_after}. "
            f"Reason: {form.cleaned_data['reason']} Note: {form.cleaned_data['note']}"
        )


def _page_of(entry) -> str:
    return reverse("admin:gamification_ledgerentry_change", args=[entry.pk])

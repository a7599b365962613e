from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from approvals.models import ApprovalRequest
from catalogues.searching import RowsOfLearnersMixin
from gamification.models import LedgerEntry
from gamification.staff.approvals import needs_approval, reverse_or_request
from gamification.staff.forms import StaffActionForm
from gamification.staff.reversal_plans import plan_reversal

from .staff_actions import StaffActionsAdmin


@admin.register(LedgerEntry)
class LedgerEntryAdmin(RowsOfLearnersMixin, StaffActionsAdmin):
    list_display = [
        "id",
        "learner",
        "sequence",
        "delta",
        "reason",
        "balance_after",
        "trust",
        "actor",
        "note",
        "created_at",
    ]
    list_filter = ["reason", "trust", "created_at"]
    list_select_related = ["learner", "actor"]
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
        "trust",
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

    def get_urls(self) -> list[URLPattern]:
        reversing = self.action_page(self.reverse_view)
        return [
            path("<int:entry_id>/reverse/", reversing, name="gamification_ledgerentry_reverse"),
            *super().get_urls(),
        ]

    @admin.display(description="Taken back by")
    def taken_back_by(self, entry) -> str:
        reversal = getattr(entry, "reversed_by", None)
        if reversal is None:
            return "-"
        return format_html('<a href="{}">entry {}</a>', _page_of(reversal), reversal.pk)

    def more_consequences(self, entry) -> list[str]:
        """What a reversal changes beyond XP, one sentence each; for apps that know what the entry paid for."""
        return []

    def reverse_view(self, request, entry_id) -> HttpResponse:
        """Show the consequences and a form, then reverse the entry; somebody else may have reversed it meanwhile."""
        entry = get_object_or_404(LedgerEntry.objects.select_related("learner"), pk=entry_id)
        form = StaffActionForm(request.POST or None)
        if form.is_valid() and self.run_action(request, entry, form, lambda: self._reverse(request, entry, form)):
            return redirect(_page_of(entry))
        if request.method == "POST" and (reversal := LedgerEntry.objects.filter(reversal_of=entry).first()):
            messages.warning(request, f"This entry has been reversed already, by entry {reversal.pk}.")
            return redirect(_page_of(entry))
        return self.show_action(
            request,
            "ledgerentry/reverse.html",
            title=f"Reverse entry {entry.pk}",
            entry=entry,
            form=form,
            plan=plan_reversal(entry, actor=request.user, at=timezone.now()),
            more_consequences=self.more_consequences(entry),
            needs_approval=needs_approval(
                learner_id=entry.learner_id, amount=entry.delta, actor=request.user, at=timezone.now()
            ),
        )

    def _reverse(self, request, entry, form) -> str:
        done = reverse_or_request(entry, actor=request.user, at=timezone.now(), **form.cleaned_data)
        why = f"Reason: {form.cleaned_data['reason']} Note: {form.cleaned_data['note']}"
        if isinstance(done, ApprovalRequest):
            return f"Requested the reversal (request {done.pk}). A colleague has to approve it. {why}"
        return f"Reversed by entry {done.pk}: {done.delta:+d} XP, the balance is {done.balance_after}. {why}"


def _page_of(entry) -> str:
    return reverse("admin:gamification_ledgerentry_change", args=[entry.pk])

"""Achievements and badges: their conditions in words, their holders, backfills, and badges by hand."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from rest_framework.exceptions import APIException

from approvals.editing import SecondPersonAdmin
from approvals.models import ApprovalRequest
from approvals.services import is_above_limit
from catalogues.bulk import BulkPlan
from catalogues.bulk_admin import BulkAdmin, bulk_action, setting
from catalogues.deleting import KeptAdmin, count_up_to
from catalogues.duplicate_admin import DuplicateAdmin
from catalogues.editing import fingerprint
from catalogues.translation_forms import TranslatedAdmin
from change_history.admin import HistoryAdmin
from change_history.context import actor
from exchange.admin import ImportAdmin
from gamification.conditions.fields import ConditionField
from gamification.conditions.metrics import announced, custom_names
from gamification.conditions.schema import in_words, validate_condition
from gamification.earnables.candidates import ever_held
from gamification.models import Achievement, Badge, BadgeAward, Earnable
from gamification.staff.achievement_approvals import needs_approval, request_edit
from gamification.staff.awards import award_badge, revoke_badge
from gamification.staff.bulk_publishing import plan_publishing, set_published
from gamification.staff.duplicates import duplicate_earnable
from gamification.staff.earners import SHOWN, earners_of
from gamification.staff.grant_approvals import grant_or_request
from jobs.models import Job

from .condition_builder import ConditionBuilderField
from .earnable_forms import BackfillForm, BadgeByHandForm, EarnableForm, condition_help
from .earnable_resources import AchievementResource, BadgeResource


class EarnableAdmin(BulkAdmin, HistoryAdmin, DuplicateAdmin, KeptAdmin, TranslatedAdmin):
    """What achievements and badges have in common; `holders` is the model of those who have one."""

    form = EarnableForm
    formfield_overrides = {ConditionField: {"form_class": ConditionBuilderField}}
    change_form_template = "admin/gamification/earnable/change_form.html"
    show_facets = admin.ShowFacets.NEVER  # they take a statement for each filter
    search_fields = ["name", "description"]
    ordering = ["position", "pk"]
    readonly_fields = ["meaning", "who_has_it"]
    actions = [
        bulk_action("publish", "Publish…", setting(published=True)),
        bulk_action("unpublish", "Unpublish…", setting(published=False)),
    ]
    holders: str

    def get_form(self, request, obj=None, **options) -> type[forms.ModelForm]:
        return super().get_form(request, obj, help_texts={"condition": condition_help()}, **options)

    def render_change_form(self, request, context, *args, **options) -> HttpResponse:
        form = context["adminform"].form
        if "condition" in form.fields:
            form.fields["condition"].widget.looked = form.look() if form.is_bound else None
        if earners := getattr(form, "earners", None):
            context["needs_approval"] = is_above_limit(earners.xp)
        return super().render_change_form(request, context, *args, **options)

    def get_urls(self) -> list[URLPattern]:
        name = f"gamification_{self.opts.model_name}_backfill"
        return [
            path("<int:pk>/backfill/", self.admin_site.admin_view(self.backfill_view), name=name),
            *super().get_urls(),
        ]

    @admin.display(description="In words")
    def meaning(self, owner) -> str:
        if owner.pk is None:
            return "-"
        try:
            if owner.condition is not None:
                # A list asks for many.
                with announced(custom_names(fresh=False), with_rows=False):
                    validate_condition(owner.condition)
        except ValidationError as error:
            return f"Cannot be earned. {error.messages[0]}"
        words = in_words(owner.condition)
        return f"{words[0].upper()}{words[1:]}."

    @admin.display(description="Who has it")
    def who_has_it(self, owner) -> str:
        if owner.pk is None:
            return "-"
        words = f"Learners: {count_up_to(ever_held(owner).filter(revoked_at=None))}"
        if not actor().has_perm(f"gamification.view_{self.holders}"):
            return words
        url = reverse(f"admin:gamification_{self.holders}_changelist")
        query = f"{self.opts.model_name}__id__exact={owner.pk}&revoked_at__isempty=1"
        return format_html('<a href="{}?{}">{}</a>', url, query, words)

    def plan_of(self, request, keys, fields) -> BulkPlan:
        return plan_publishing(self.model, keys, **fields, actor=request.user, at=timezone.now())

    def apply(self, request, keys, fields, *, shown) -> BulkPlan:
        return set_published(self.model, keys, **fields, actor=request.user, at=timezone.now(), shown=shown)

    def duplicate(self, request, row) -> tuple[Earnable, bool]:
        return duplicate_earnable(owner=row, actor=request.user, at=timezone.now())

    def reasons_to_keep(self, rows) -> list[str]:
        counts = [(owner, count_up_to(ever_held(owner))) for owner in rows]
        kept = [f"Learners who have or had “{owner}”: {count}." for owner, count in counts if count != "0"]
        return [*kept, "Unpublish instead: then nobody else earns it."] if kept else []

    def save_model(self, request, obj, form, change) -> None:
        super().save_model(request, obj, form, change)
        if "condition" in form.changed_data:
            messages.info(request, f"“{obj}”: {in_words(obj.condition)}.")
        if how := form.cleaned_data.get("grant"):
            self._grant_as_chosen(request, obj, how)

    def _grant_as_chosen(self, request, owner, how) -> None:
        if owner.published and how != "none":
            self._grant(request, owner, quiet=how == "quiet")

    def backfill_view(self, request, pk) -> HttpResponse:
        """Show how many would get it, and start the job that grants it to them, announced or quietly."""
        owner = get_object_or_404(self.model, pk=pk)
        if not self.has_change_permission(request, owner):
            raise PermissionDenied
        shown = fingerprint(owner)
        form = BackfillForm(request.POST if request.method == "POST" else None, initial={"shown": shown})
        if owner.published and form.is_valid():
            if form.cleaned_data["shown"] == shown:
                done = self._grant(request, owner, quiet=form.cleaned_data["announce"] == "quiet")
                if isinstance(done, Job):
                    return redirect("admin:jobs_job_change", done.pk)
                return redirect(self._url_name("backfill"), pk)
            messages.warning(request, f"“{owner}” was changed meanwhile, so it was not granted. Look at it again.")
            return redirect(self._url_name("backfill"), pk)
        earners = earners_of(owner, without=[request.user.pk], at=timezone.now(), shown=SHOWN)
        context = {"form": form, "earners": earners, "needs_approval": is_above_limit(earners.xp)}
        return self._page(request, "backfill.html", owner, title=f"Grant “{owner}”", **context)

    @transaction.atomic
    def _grant(self, request, owner, *, quiet) -> Job | ApprovalRequest:
        done = grant_or_request(owner, quiet=quiet, actor=request.user, at=timezone.now())
        how = " quietly" if quiet else ""
        if isinstance(done, ApprovalRequest):
            message = f"Requested to grant it{how} (request {done.pk}). A colleague has to approve it."
            messages.success(request, message)
        else:
            message = f"Granted{how} to all who have earned it (job {done.pk})."
            link = format_html('<a href="{}">job {}</a>', reverse("admin:jobs_job_change", args=[done.pk]), done.pk)
            messages.success(request, format_html("Granting “{}”{} to all who have earned it: {}.", owner, how, link))
        self.log_change(request, owner, message)
        return done

    def _url_name(self, page) -> str:
        return f"admin:gamification_{self.opts.model_name}_{page}"

    def _page(self, request, template, owner, **context) -> HttpResponse:
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "original": owner}
        context["meaning"] = self.meaning(owner)
        return render(request, f"admin/gamification/earnable/{template}", context)


@admin.register(Achievement)
class AchievementAdmin(ImportAdmin, SecondPersonAdmin, EarnableAdmin):
    resource_class = AchievementResource
    holders = "unlock"
    list_display = ["name", "achievement_id", "category", "rarity", "xp_reward", "meaning", "hidden", "published"]
    list_filter = ["published", "hidden", "category", "rarity"]
    search_fields = [*EarnableAdmin.search_fields, "achievement_id"]
    fieldsets = [
        (None, {"fields": ["name", "achievement_id", "description", "icon", "language"]}),
        ("Place", {"fields": ["category", "rarity", "position"]}),
        ("How it is earned", {"fields": ["meaning", "condition", "xp_reward"]}),
        ("Who sees it", {"fields": ["published", "hidden", "who_has_it"]}),
    ]

    def request_change(self, request, obj, form, change) -> ApprovalRequest | None:
        before = Achievement.objects.get(pk=obj.pk) if change else None
        by = {"actor": request.user, "at": timezone.now()}
        if not needs_approval(before, obj, **by):
            return None
        names = [name for name in form.changed_data if name != "opened"]
        fields = {name: getattr(obj, name) for name in names}
        return request_edit(before=before, after=obj, fields=fields, grant=form.cleaned_data["grant"], **by)

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        # Ledger entries refer to an achievement by this id, so it never changes.
        return [*self.readonly_fields, "achievement_id"] if obj else self.readonly_fields

    def get_prepopulated_fields(self, request, obj=None) -> dict[str, list[str]]:
        return {} if obj else {"achievement_id": ["name"]}


@admin.register(Badge)
class BadgeAdmin(ImportAdmin, EarnableAdmin):
    resource_class = BadgeResource
    holders = "badgeaward"
    list_display = ["name", "description", "meaning", "published"]
    list_filter = ["published"]
    fieldsets = [
        (None, {"fields": ["name", "description", "icon_url", "position", "language"]}),
        ("How it is earned", {"fields": ["meaning", "condition"]}),
        ("Who sees it", {"fields": ["published", "who_has_it"]}),
    ]

    def get_urls(self) -> list[URLPattern]:
        by_hand = self.admin_site.admin_view(self.by_hand_view)
        return [path("<int:pk>/by-hand/", by_hand, name="gamification_badge_by_hand"), *super().get_urls()]

    def by_hand_view(self, request, pk) -> HttpResponse:
        """Award it to a learner, or take it back."""
        if not request.user.has_perm("gamification.award_badge"):
            raise PermissionDenied
        badge = get_object_or_404(Badge, pk=pk)
        # The page of a learner fills in who, and what.
        initial = {name: request.GET.get(name) for name in ("learner", "action")}
        form = BadgeByHandForm(request.POST if request.method == "POST" else None, initial=initial)
        if form.is_valid():
            try:
                self._by_hand(request, badge, **form.cleaned_data)
            except APIException as refusal:
                messages.error(request, str(refusal.detail))
            return redirect("admin:gamification_badge_by_hand", pk)
        return self._page(request, "by_hand.html", badge, form=form, title=f"Award or revoke “{badge}”")

    def _by_hand(self, request, badge, *, learner, action, note) -> None:
        change = award_badge if action == "award" else revoke_badge
        done = change(learner_id=learner.pk, badge=badge, actor=request.user, note=note, at=timezone.now())
        if action == "award":
            done = done[1]
        if not done:
            state = "has it already" if action == "award" else "does not have it"
            messages.warning(request, f"Nothing changed: {learner} {state}.")
            return
        message = f"{'Awarded to' if action == 'award' else 'Revoked from'} {learner}."
        # Logged for the award, not for the badge, so that it is found with the learner.
        self.log_change(request, BadgeAward.objects.get(learner=learner, badge=badge), f"{message} {note}")
        messages.success(request, message)

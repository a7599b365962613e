from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from change_history.admin import HistoryAdmin
from exchange.admin import ImportAdmin
from gamification.models import LearnerKind, LearnerProfile
from skillquest.admin_site.search import PeopleSearchAdmin

from . import group_admin  # noqa: F401 - registers itself
from .erasing import erase_person, mentions_of, names_of
from .models import User
from .rights import may_touch
from .roster import RosterResource
from .security_log import note
from .sessions import end_sessions


class EraseForm(forms.Form):
    """Asks for the username, so that nobody is erased by a single click."""

    username = forms.CharField(max_length=50, help_text="Type the username to confirm.")
    names_too = forms.BooleanField(
        required=False,
        label="Remove the names from these texts too",
        help_text="Leave this off where a name is also an everyday word or the name of a colleague.",
    )

    def __init__(self, data, *, person, mentions) -> None:
        super().__init__(data)
        self.person = person
        if not mentions:
            del self.fields["names_too"]

    def clean_username(self) -> str:
        if self.cleaned_data["username"] != self.person.username:
            raise forms.ValidationError("This is not the username.")
        return self.cleaned_data["username"]


class GroupsFilter(admin.RelatedFieldListFilter):
    """Nearly everybody has no group, which nobody looks for."""

    include_empty_choice = False


@admin.register(User)
class PersonAdmin(ImportAdmin, HistoryAdmin, PeopleSearchAdmin, UserAdmin):
    """People are deactivated, never deleted: their ledger entries stay."""

    resource_class = RosterResource
    list_display = ("username", "email", "display_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active", ("groups", GroupsFilter))
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("display_name", "email", "external_id", "language")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "email", "usable_password", "password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined")
    change_form_template = "admin/accounts/user/change_form.html"

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        if obj is not None and (not may_change(request.user, obj) or is_fixed(obj)):
            return False
        return super().has_change_permission(request, obj)

    def has_erase_permission(self, request, person) -> bool:
        """For oneself there is the profile page, which asks for the password."""
        if person is None or person == request.user or is_erased(person):
            return False
        may = request.user.has_perm("accounts.erase_user") and super().has_change_permission(request, person)
        return may and may_change(request.user, person)

    def get_urls(self) -> list:
        erasing = self.admin_site.admin_view(self.erase_view)
        return [path("<int:pk>/erase/", erasing, name="accounts_user_erase"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None) -> HttpResponse:
        person = self.get_object(request, object_id)
        offered = {"may_erase": self.has_erase_permission(request, person), "learner": self._learner(request, person)}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | offered)

    def _learner(self, request, person) -> LearnerProfile | None:
        """None for who may not see learners, and of people who have never been one."""
        learners = self.admin_site.get_model_admin(LearnerProfile)
        may_see = person is not None and learners.has_view_permission(request)
        return profile_of(person) if may_see else None

    def erase_view(self, request, pk) -> HttpResponse:
        """Show what is erased and where else the names occur; on POST erase for good."""
        person = get_object_or_404(User, pk=pk)
        if not self.has_erase_permission(request, person):
            raise PermissionDenied
        mentions = [row for row, _ in mentions_of(person, names_of(person))]
        form = EraseForm(request.POST or None, person=person, mentions=mentions)
        if form.is_valid():
            self._erase(request, person, names_too=form.cleaned_data.get("names_too", False))
            return redirect("admin:accounts_user_changelist")
        context = {**self.admin_site.each_context(request), "opts": self.opts, "person": person, "form": form}
        context |= {"title": f"Erase {person}", "mentions": mentions}
        return render(request, "admin/accounts/user/erase.html", context)

    @transaction.atomic
    def _erase(self, request, person, *, names_too) -> None:
        left = erase_person(user_id=person.pk, at=timezone.now(), names_too=names_too)
        self.log_change(request, left, "Erased.")
        messages.success(request, f"Erased. What is left is called {left}.")

    def get_readonly_fields(self, request, obj=None) -> list[str] | tuple[str, ...]:
        own = super().get_readonly_fields(request, obj)
        # Staff cannot grant rights that they do not have.
        return own if request.user.is_superuser else (*own, "is_staff", "is_superuser", "groups", "user_permissions")

    def save_model(self, request, obj, form, change) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            LearnerProfile.objects.of(obj.pk)  # everybody may learn at once
            note("account_added", user_id=obj.pk, by=request.user.pk)
        if "is_active" in form.changed_data:
            note("activated" if obj.is_active else "deactivated", user_id=obj.pk, by=request.user.pk)
        if "is_active" in form.changed_data and not obj.is_active:
            end_sessions(user=obj, at=timezone.now())

    def user_change_password(self, request, id, form_url="") -> HttpResponse:  # noqa: A002 - Django's name for it
        person = self.get_object(request, unquote(id))
        before = person and person.password
        response = super().user_change_password(request, id, form_url)
        if person and User.objects.filter(pk=person.pk).exclude(password=before).exists():
            note("password_set", user_id=person.pk, by=request.user.pk)
        return response


def may_change(actor, person) -> bool:
    """Whoever sets the password of an account has its rights. Only superusers touch colleagues."""
    is_colleague = person.is_staff and person != actor
    return may_touch(actor, person) and (actor.is_superuser or not is_colleague)


def profile_of(person) -> LearnerProfile | None:
    """Read once for each `person`; None of who has never been a learner."""
    return getattr(person, "profile", None)


def is_erased(person) -> bool:
    profile = profile_of(person)
    return profile is not None and profile.erased_at is not None


def is_fixed(person) -> bool:
    """Erased people, and guests: they have no password, e-mail address or rights until they link an account."""
    profile = profile_of(person)
    return is_erased(person) or (profile is not None and profile.kind == LearnerKind.GUEST)

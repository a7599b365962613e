from datetime import datetime

from django import forms
from django.utils import timezone

from apidocs.server_keys import Scope

from .models import ServerKey

SCOPES = {
    Scope.LEARNERS: "learners: create, change and erase learners, and issue tokens for them",
    Scope.TRACK: "track: report results for learners",
    Scope.READ: "read: read about learners, and catalogues and boards",
    Scope.AWARD: "award: give and take XP, within the daily limit",
}
AWARD_RIGHT = "gamification.award_xp"


class ServerKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, words) for scope, words in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text="What it may do. Choose no more than the server needs; other scopes later take another key.",
    )

    class Meta:
        model = ServerKey
        fields = ["name", "scopes", "mode", "expires_at", "networks"]

    # Set by the admin.
    may_award: bool

    def clean_scopes(self) -> list[str]:
        if Scope.AWARD in self.cleaned_data["scopes"] and not self.may_award:
            raise forms.ValidationError("You cannot give the scope award, since you may not adjust XP yourself.")
        return self.cleaned_data["scopes"]

    def clean_name(self) -> str:
        """One name, one server: after a double click it is clear which key nobody has seen."""
        at = timezone.now()
        others = (
            ServerKey.objects.accepted(at).filter(name=self.cleaned_data["name"]).exclude(family=self.instance.family)
        )
        if other := others.first():
            raise forms.ValidationError(
                f"The key {other.prefix} with this name is accepted already. If nobody has noted its secret, revoke it."
            )
        return self.cleaned_data["name"]

    def clean_expires_at(self) -> datetime | None:
        expires_at = self.cleaned_data["expires_at"]
        if expires_at and expires_at <= timezone.now():
            raise forms.ValidationError("Choose a time in the future.")
        return expires_at


class RotateForm(forms.Form):
    hours = forms.IntegerField(
        label="Hours",
        min_value=0,
        max_value=365 * 24,
        initial=24,
        help_text="How long the present key is accepted beside the new one. 0 ends it at once.",
    )

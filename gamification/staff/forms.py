import uuid
from datetime import UTC, datetime, time

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from gamification.models import BoardStanding

ADJUSTMENT_LIMIT = 10_000


def validate_one_line(text: str) -> None:
    """The ledger keeps a reason as the first line of its note; learners cannot read the lines after it."""
    if len(text.splitlines()) > 1:
        raise ValidationError("Must be one line.")


class StaffActionForm(forms.Form):
    """Staff state why they do something by hand: `reason` for the learner, `note` for colleagues."""

    required_css_class = "required"

    reason = forms.CharField(
        min_length=3,
        max_length=100,
        validators=[validate_one_line],
        help_text="Required, 3 to 100 characters. What the learner may read.",
    )
    note = forms.CharField(
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Required. For colleagues and auditors.",
    )


class AdjustForm(StaffActionForm):
    amount = forms.IntegerField(
        min_value=-ADJUSTMENT_LIMIT,
        max_value=ADJUSTMENT_LIMIT,
        help_text=f"XP to give, at most {ADJUSTMENT_LIMIT:,}; a negative number takes, at most as much. Not 0.",
    )
    # Identifies this adjustment, so that a double click or a resent form adjusts once.
    reference_id = forms.CharField(widget=forms.HiddenInput, max_length=100, initial=uuid.uuid4)

    field_order = ["amount"]

    def clean_amount(self) -> int:
        amount = self.cleaned_data["amount"]
        if amount == 0:
            raise forms.ValidationError("Nothing would change.")
        return amount


class StandingForm(StaffActionForm):
    standing = forms.ChoiceField(
        choices=BoardStanding.choices, help_text="Who is not ranked appears on no leaderboard; their XP keeps counting."
    )
    until = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The day (UTC) from which on the learner is ranked again. Empty: until somebody changes it.",
    )

    field_order = ["standing", "until"]

    def clean_until(self) -> datetime | None:
        day = self.cleaned_data["until"]
        if day is None:
            return None
        until = datetime.combine(day, time.min, UTC)
        if until <= timezone.now():
            raise forms.ValidationError("Must be a day in the future.")
        return until

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("standing") == BoardStanding.RANKED and cleaned.get("until"):
            self.add_error("until", "A learner who is ranked needs no end.")
        return cleaned

import uuid

from django import forms
from django.core.exceptions import ValidationError

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

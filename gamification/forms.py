import uuid

from django import forms

ADJUSTMENT_LIMIT = 10_000


class AdjustForm(forms.Form):
    amount = forms.IntegerField(
        min_value=-ADJUSTMENT_LIMIT,
        max_value=ADJUSTMENT_LIMIT,
        help_text="XP to give; a negative number takes. Not 0.",
    )
    reason = forms.CharField(min_length=3, max_length=100, help_text="What the learner may read.")
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), help_text="For colleagues and auditors.")
    # Stands for this one act: a double click or a resent form adjusts once.
    reference_id = forms.CharField(widget=forms.HiddenInput, max_length=100, initial=uuid.uuid4)

    def clean_amount(self):
        amount = self.cleaned_data["amount"]
        if amount == 0:
            raise forms.ValidationError("Nothing would change.")
        return amount

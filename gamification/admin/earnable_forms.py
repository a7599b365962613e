import json

from django import forms
from django.contrib.auth import get_user_model
from django.utils.html import format_html, format_html_join

from gamification.conditions.metrics import canonical, describe, known_names
from gamification.conditions.schema import in_words

EXAMPLES = [
    {"type": "xp", "threshold": 1000},
    {"type": "level", "level": 10},
    {"type": "consecutive_days", "days": 7},
    {"type": "attempt_count", "count": 10, "status": "passed"},
    {"type": "metric", "name": "words_learned", "threshold": 100},
    {"all": [{"type": "level", "level": 5}, {"type": "metric", "name": "languages", "threshold": 3}]},
    {"any": [{"type": "xp", "threshold": 500}, {"type": "consecutive_days", "days": 3}]},
]


def condition_help() -> str:
    examples = [(json.dumps(condition), in_words(condition)) for condition in EXAMPLES]
    names = [(name, describe(canonical(name))) for name in known_names()]
    return format_html(
        "JSON. <details><summary>Examples, and what a metric may be</summary><ul>{}</ul><ul>{}</ul></details>",
        format_html_join("", "<li><code>{}</code>: {}</li>", examples),
        format_html_join("", "<li><code>{}</code>: {}</li>", names),
    )


class BackfillForm(forms.Form):
    """Grants what the page showed, so it carries the fingerprint of that."""

    shown = forms.CharField(widget=forms.HiddenInput)
    announce = forms.TypedChoiceField(
        label="How",
        choices=[("announced", "Announced"), ("quiet", "Quietly")],
        widget=forms.RadioSelect,
    )


class BadgeByHandForm(forms.Form):
    required_css_class = "required"

    learner = forms.ModelChoiceField(
        get_user_model().objects.all(),
        to_field_name="username",
        widget=forms.TextInput,
        help_text="Required. Their username.",
        error_messages={"invalid_choice": "There is no learner with this username."},
    )
    action = forms.ChoiceField(
        label="What", choices=[("award", "Award"), ("revoke", "Revoke")], widget=forms.RadioSelect
    )
    note = forms.CharField(
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Required. Why; for colleagues and auditors.",
    )

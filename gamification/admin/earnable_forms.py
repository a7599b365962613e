import hashlib
import json
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join

from catalogues.translation_forms import TranslatedForm
from change_history.context import actor
from gamification.conditions.metrics import describe, known_names, without_alias
from gamification.conditions.schema import in_words
from gamification.earnables.reach import reach_of
from gamification.rule_sets.publishing import published_rules
from gamification.staff.earners import SHOWN, Earners, earners_of

from .condition_builder import MORE_LINES

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
    names = [(name, describe(without_alias(name))) for name in known_names(fresh=False)]
    return format_html(
        "JSON. <details><summary>Examples, and what a metric may be</summary><ul>{}</ul><ul>{}</ul></details>",
        format_html_join("", "<li><code>{}</code>: {}</li>", examples),
        format_html_join("", "<li><code>{}</code>: {}</li>", names),
    )


LOOKS = ("_look", MORE_LINES)  # buttons that show the page again and save nothing


HOW = [("announced", "Announced"), ("quiet", "Quietly")]


class EarnableForm(TranslatedForm):
    """Where learners have earned already what would be published, it asks whether they get it, before it is saved.

    `earners` are then those learners. `grant_shown` identifies what was shown, so that nothing else is granted.
    """

    long_texts = ["description"]
    earners: Earners | None = None

    grant = forms.ChoiceField(required=False, choices=[*HOW, ("none", "Not at all")], widget=forms.RadioSelect)
    grant_shown = forms.CharField(required=False, widget=forms.HiddenInput)

    @cached_property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name not in ("grant", "grant_shown")]

    def _post_clean(self) -> None:
        """After the row itself was validated: a condition that is wrong has no learners."""
        super()._post_clean()  # type: ignore[misc]
        is_due = {"published", "condition"} & {*self.changed_data} and self.instance.published
        if is_due and not self.errors and not self.only_looks:
            self._ask_who_gets_it()

    def _ask_who_gets_it(self) -> None:
        """It has an error until that was chosen for what is shown."""
        owner = self.instance
        earners = earners_of(owner, without=[actor().pk], at=timezone.now(), shown=SHOWN)
        what = f"{owner.condition} {getattr(owner, 'xp_reward', 0)}"
        shown = hashlib.sha256(what.encode()).hexdigest()
        if not earners.count or (self.cleaned_data["grant"] and self.cleaned_data["grant_shown"] == shown):
            return
        self.earners = earners
        self.data = self.data.copy()
        self.data["grant_shown"] = shown
        self.data.pop("grant", None)
        self.add_error(None, ValidationError("Nothing is saved yet. Choose who gets it now, and save again."))

    @property
    def only_looks(self) -> bool:
        return any(name in self.data for name in LOOKS)

    def is_valid(self) -> bool:
        """Never, for who only looks: nothing is saved, and only what is wrong with the condition is said."""
        is_valid = super().is_valid()
        if not self.only_looks:
            return is_valid
        for name in {*self.errors} - ({"condition"} if "_look" in self.data else set()):
            del self.errors[name]
        return False

    def look(self) -> dict[str, Any] | None:
        """What the condition that was sent asks for, and of whom; None where nobody asked, or it is wrong."""
        if "_look" not in self.data or "condition" in self.errors:
            return None
        condition = self.cleaned_data.get("condition")
        words = in_words(condition)
        reach = condition and reach_of(condition, published_rules(), at=timezone.now())
        return {"words": f"{words[0].upper()}{words[1:]}.", "reach": reach}


class BackfillForm(forms.Form):
    """Grants what the page showed, so it carries the fingerprint of that."""

    shown = forms.CharField(widget=forms.HiddenInput)
    announce = forms.TypedChoiceField(
        label="How",
        choices=HOW,
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

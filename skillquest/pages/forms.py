from functools import cache
from itertools import groupby

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from gamification.models import LedgerEntry
from levels.choices import Difficulty, Kind
from skillquest.accounts.display_names import refuse_unreadable, tidy
from skillquest.accounts.models import MAX_PASSWORD_LENGTH, User, username_characters
from skillquest.accounts.serializers import known_time_zones

from . import labels

ANY = ("", _("All"))
PLAIN_NAME = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}


def password_field(autocomplete, **options) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    # Spaces belong to a password; the length is bounded because hashing takes time.
    options = {"label": _("Password"), "strip": False, "max_length": MAX_PASSWORD_LENGTH} | options
    return forms.CharField(widget=widget, **options)


def new_password_field(**options) -> forms.CharField:
    return password_field(
        "new-password",
        help_text=_("At least 8 characters. A short sentence is easy to remember and hard to guess."),
        **options,
    )


def email_field() -> forms.EmailField:
    return forms.EmailField(
        label=_("E-mail"),
        error_messages={"invalid": _("Enter an e-mail address, such as name@example.org.")},
        max_length=User._meta.get_field("email").max_length,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class SignUpForm(forms.Form):
    """Checks the format only; `accounts.services.register` checks that the name is free and the password strong."""

    username = forms.CharField(
        label=_("Name"),
        min_length=3,
        max_length=50,
        validators=[username_characters],
        help_text=_("3 to 50 letters, digits and . + - _ without spaces. Other learners do not see it."),
        widget=forms.TextInput(attrs=PLAIN_NAME),
    )
    email = email_field()
    password = new_password_field()
    # Filled in by app.js, so that the first day ends at midnight where the learner lives.
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-device-zone": ""}))

    def clean_time_zone(self) -> str:
        time_zone = self.cleaned_data["time_zone"]
        return time_zone if time_zone in known_time_zones() else "UTC"


class ClaimForm(SignUpForm):
    """For an account that exists, and has a time zone."""

    time_zone = None


class SignInForm(forms.Form):
    identifier = forms.CharField(label=_("Name or e-mail"), max_length=254, widget=forms.TextInput(attrs=PLAIN_NAME))
    password = password_field("current-password")


class ForgotPasswordForm(forms.Form):
    email = email_field()


class NewPasswordForm(forms.Form):
    new_password = new_password_field(label=_("New password"))


class ChangePasswordForm(NewPasswordForm):
    old_password = password_field("current-password", label=_("Current password"))

    field_order = ["old_password", "new_password"]


class EraseForm(forms.Form):
    password = password_field("current-password")


class CatalogueForm(forms.Form):
    """The filters of the catalogue page; `levels.api.filters` applies them, and the view applies the status."""

    search = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.SearchInput)
    category = forms.ChoiceField(label=_("Topic"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    difficulty = forms.ChoiceField(label=_("Difficulty"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)

    def __init__(self, data, *, categories) -> None:
        super().__init__(data)
        self.fields["category"].choices = [ANY, *categories]
        self.fields["kind"].choices = [ANY, *((kind, labels.KINDS[kind]) for kind in Kind.values)]
        self.fields["difficulty"].choices = [ANY, *((name, labels.DIFFICULTIES[name]) for name in Difficulty.values)]
        self.fields["status"].choices = [ANY, *((name, label) for name, (label, _icon) in labels.STATES.items())]


class AchievementsForm(forms.Form):
    """The filters of the achievements page. A wrong value is reported beside its field and filters nothing."""

    category = forms.ChoiceField(label=_("Topic"), required=False)
    rarity = forms.ChoiceField(label=_("Rarity"), required=False)
    state = forms.ChoiceField(label=_("Status"), required=False)

    def __init__(self, data, *, categories) -> None:
        super().__init__(data)
        titles = [(name, labels.achievement_category(name)[0]) for name in categories]
        self.fields["category"].choices = [ANY, *sorted(titles, key=lambda choice: str(choice[1]))]
        self.fields["rarity"].choices = [ANY, *((name, label) for name, (label, _icon) in labels.RARITIES.items())]
        self.fields["state"].choices = [ANY, *labels.HELD.items()]

    def lets_through(self, card) -> bool:
        facts = {"category": card.achievement.category, "rarity": card.achievement.rarity, "state": card.state}
        wanted = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return all(facts[name] == value for name, value in wanted.items() if value)


class HistoryForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why"), required=False)

    def __init__(self, data) -> None:
        super().__init__(data)
        reasons = [(name, labels.REASONS[name][0]) for name in LedgerEntry.Reason.values]
        self.fields["reason"].choices = [ANY, *reasons]


@cache
def time_zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """[(region, [(zone, its place), …]), …] of all that the API knows."""
    names = sorted(known_time_zones(), key=lambda name: ("/" not in name, name))
    groups = groupby(names, key=lambda name: name.partition("/")[0] if "/" in name else _("Other"))
    return [(region, [(name, _place(name)) for name in group]) for region, group in groups]


def _place(zone) -> str:
    return zone.partition("/")[2].replace("_", " ") or zone


class DisplayNameField(forms.CharField):
    def to_python(self, value) -> str:
        return tidy(super().to_python(value))


class ProfileForm(forms.Form):
    """Checks the format only; `accounts.services.change_account` checks whether the time zone may change yet."""

    display_name = DisplayNameField(
        label=_("Display name"),
        max_length=User._meta.get_field("display_name").max_length,
        required=False,
        validators=[refuse_unreadable],
        help_text=_("What other learners see on leaderboards. Empty: a neutral name with a number."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zone_choices,
        help_text=_("Decides when your day ends, and with it your streak. It can be changed once in 24 hours."),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("Of these pages and of mails to you.")
    )
    leaderboard_opt_out = forms.BooleanField(
        label=_("Keep me off the leaderboards"),
        required=False,
        help_text=_("You are not shown or counted on any board. You can change this at any time."),
    )

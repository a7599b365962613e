from django import forms
from django.utils.translation import gettext_lazy as _

from levels.choices import Difficulty, Kind
from skillquest.accounts.models import MAX_PASSWORD_LENGTH, User, username_characters

from . import words

ANY = ("", _("All"))
PLAIN_NAME = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}


def password_field(autocomplete, **options):
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    # Spaces belong to a password; the length is bounded because hashing takes time.
    return forms.CharField(label=_("Password"), strip=False, max_length=MAX_PASSWORD_LENGTH, widget=widget, **options)


class SignUpForm(forms.Form):
    """Shape only; whether a name is free or a password strong is for `accounts.services.register` to say."""

    username = forms.CharField(
        label=_("Name"),
        min_length=3,
        max_length=50,
        validators=[username_characters],
        help_text=_("3 to 50 letters, digits and . + - _ without spaces. Other learners may see it."),
        widget=forms.TextInput(attrs=PLAIN_NAME),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=User._meta.get_field("email").max_length,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = password_field(
        "new-password",
        help_text=_("At least 8 characters. A short sentence is easy to remember and hard to guess."),
    )


class SignInForm(forms.Form):
    identifier = forms.CharField(label=_("Name or e-mail"), max_length=254, widget=forms.TextInput(attrs=PLAIN_NAME))
    password = password_field("current-password")


class CatalogueForm(forms.Form):
    """What the catalogue page can be narrowed by; `levels.filters` does the narrowing, the view that by status."""

    search = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.SearchInput)
    category = forms.ChoiceField(label=_("Topic"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    difficulty = forms.ChoiceField(label=_("Difficulty"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)

    def __init__(self, data, *, categories):
        super().__init__(data)
        self.fields["category"].choices = [ANY, *categories]
        self.fields["kind"].choices = [ANY, *((kind, words.KINDS[kind]) for kind in Kind.values)]
        self.fields["difficulty"].choices = [ANY, *((name, words.DIFFICULTIES[name]) for name in Difficulty.values)]
        self.fields["status"].choices = [ANY, *((name, label) for name, (label, _icon) in words.STATUSES.items())]

"""The requests and answers of auth/."""

from functools import cache
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import serializers

from .display_names import refuse_unreadable, tidy
from .exporting import PARTS
from .models import MAX_PASSWORD_LENGTH, User, username_characters


class EmailAddressField(serializers.EmailField):
    """Normalised before it is validated, so that what is checked is what is stored."""

    def to_internal_value(self, data) -> str:
        return User.objects.normalize_email(super().to_internal_value(data))


class DisplayNameField(serializers.CharField):
    """Tidied before it is validated, like an e-mail address."""

    def to_internal_value(self, data) -> str:
        return tidy(super().to_internal_value(data))


class PasswordField(serializers.CharField):
    def __init__(self, **options) -> None:
        super().__init__(trim_whitespace=False, max_length=MAX_PASSWORD_LENGTH, write_only=True, **options)


@cache
def known_time_zones() -> set[str]:
    # "localtime" is whatever the server's machine is set to.
    return available_timezones() - {"localtime"}


def known_time_zone(name) -> None:
    if name not in known_time_zones():
        raise serializers.ValidationError(_("This is not an IANA time zone, such as Asia/Jakarta."))


class RegisterSerializer(serializers.Serializer):
    username = serializers.CharField(min_length=3, max_length=50, validators=[username_characters])
    email = EmailAddressField(max_length=254)
    password = PasswordField()


class LoginSerializer(serializers.Serializer):
    username = serializers.CharField(max_length=254, help_text="The username or the e-mail address.")
    password = PasswordField()


class RefreshSerializer(serializers.Serializer):
    refresh_token = serializers.CharField()


class LogoutSerializer(RefreshSerializer):
    everywhere = serializers.BooleanField(default=False, help_text="End every session, by token and by cookie.")


class ChangePasswordSerializer(serializers.Serializer):
    old_password = PasswordField()
    new_password = PasswordField()


class AskForResetSerializer(serializers.Serializer):
    email = EmailAddressField(max_length=254)


class ResetPasswordSerializer(serializers.Serializer):
    token = serializers.CharField(max_length=200, help_text="The last part of the link in the mail.")
    new_password = PasswordField()


class EraseSerializer(serializers.Serializer):
    password = PasswordField()


class ChangeAccountSerializer(serializers.Serializer):
    display_name = DisplayNameField(
        max_length=80,
        allow_blank=True,
        required=False,
        validators=[refuse_unreadable],
        help_text="What other learners see; empty: a neutral name. Not a look-alike of staff or of a sign-in name.",
    )
    time_zone = serializers.CharField(validators=[known_time_zone], required=False, help_text="An IANA time zone.")
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)
    leaderboard_opt_out = serializers.BooleanField(required=False)


class TokenPairSerializer(serializers.Serializer):
    access_token = serializers.CharField(help_text="Send it as `Authorization: Bearer …`; good for 30 minutes.")
    refresh_token = serializers.CharField(help_text="Works once, at auth/refresh; good for 7 days.")
    token_type = serializers.ChoiceField(["bearer"])


class NewAccountSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="user.pk")
    username = serializers.CharField(source="user.username")
    email = serializers.EmailField(source="user.email")
    total_xp = serializers.IntegerField(source="profile.total_xp")
    level = serializers.IntegerField(source="rank.level")
    created_at = serializers.DateTimeField(source="user.date_joined")


class AccountSerializer(NewAccountSerializer):
    display_name = serializers.CharField(source="user.display_name")
    time_zone = serializers.CharField(source="profile.time_zone")
    language = serializers.ChoiceField(source="user.language", choices=settings.LANGUAGES)
    leaderboard_opt_out = serializers.BooleanField(source="profile.leaderboard_opt_out")
    title = serializers.CharField(source="rank.title")


class RowField(serializers.DictField):
    """A row as it is stored; columns may be added."""


class ExportSerializer(serializers.Serializer):
    exported_at = serializers.DateTimeField()
    account = RowField()
    profile = RowField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        rows = {name: serializers.ListField(child=RowField()) for name in PARTS}
        return super().get_fields() | rows

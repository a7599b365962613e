"""The requests and answers of auth/guest and auth/link."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import serializers

from skillquest.accounts.models import username_characters
from skillquest.accounts.serializers import EmailAddressField, PasswordField, TokenPairSerializer, known_time_zone

NOBODY = {UUID(int=0), UUID(int=2**128 - 1)}  # what clients send that have no id
NEW_ACCOUNT, EXISTING_ACCOUNT = {"username", "email"}, {"identifier"}


class GuestSerializer(serializers.Serializer):
    device_id = serializers.UUIDField(help_text="Random (version 4), made once and kept: it signs the guest in.")
    time_zone = serializers.CharField(
        validators=[known_time_zone], default="UTC", help_text="An IANA time zone, for a new guest."
    )

    def validate_device_id(self, device_id: UUID) -> UUID:
        if device_id in NOBODY:
            raise serializers.ValidationError(_("Make a random id for each device."))
        return device_id


class GuestTokensSerializer(TokenPairSerializer):
    guest = serializers.BooleanField(help_text="Always true.")


class LinkSerializer(serializers.Serializer):
    """Either `username`, `email` and `password` of a new account, or `identifier` and `password` of an existing one."""

    username = serializers.CharField(min_length=3, max_length=50, validators=[username_characters], required=False)
    email = EmailAddressField(max_length=254, required=False)
    identifier = serializers.CharField(
        max_length=254, required=False, help_text="The username or the e-mail address of an existing account."
    )
    password = PasswordField()

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        names = fields.keys() - {"password"}
        if names not in (NEW_ACCOUNT, EXISTING_ACCOUNT):
            raise serializers.ValidationError(
                _(
                    "Send username, email and password for a new account, "
                    "or identifier and password for an existing one."
                )
            )
        return fields


class LinkedSerializer(TokenPairSerializer):
    access_token = serializers.CharField(source="tokens.access_token")
    refresh_token = serializers.CharField(source="tokens.refresh_token")
    token_type = serializers.ChoiceField(["bearer"], source="tokens.token_type")
    guest = serializers.BooleanField(default=False, help_text="Always false.")
    merged = serializers.BooleanField(source="was_merged", help_text="Whether the account existed before.")
    user_id = serializers.IntegerField(source="account.pk", help_text="The id of the account.")

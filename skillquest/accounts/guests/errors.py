"""Why a guest is not linked."""

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException


class NotAGuest(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "not_a_guest"
    default_detail = _("Only a guest can be linked to an account; this is an account already.")


class AlreadyLinked(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "already_linked"
    default_detail = _("This guest has been linked to another account.")


class AccountNotLinkable(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "account_not_linkable"
    default_detail = _("What guests do cannot be merged into this account.")

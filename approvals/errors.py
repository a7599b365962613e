"""Why a request is not decided."""

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException


class AlreadyDecided(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "already_decided"
    default_detail = _("This request has been decided already.")


class OwnRequest(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "own_request"
    default_detail = _("Nobody approves their own request; a second person has to.")


class OwnXP(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "own_xp"
    default_detail = _("Nobody adjusts or reverses their own XP.")


class EarnedFromIt(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "earned_from_it"
    default_detail = _("You have earned XP from this within the last 24 hours, so somebody else has to approve it.")


class RequestOutdated(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "request_outdated"
    default_detail = _("What this request is about was changed since. Decline it, and ask again with today's values.")

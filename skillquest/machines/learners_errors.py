"""Errors of operations on learners that another system names by its own ids."""

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException


class ExternalIdTaken(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "external_id_taken"
    default_detail = _("This external id belongs to an account that this key may not change. Use another one.")


class EmailTaken(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "email_taken"
    default_detail = _("This e-mail address belongs to another account. Leave it out, or send another one.")


class LearnerDeactivated(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "learner_deactivated"
    default_detail = _("Staff have deactivated this account; nothing is recorded for it.")


class AlreadyClaimed(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "already_claimed"
    default_detail = _("This account has a password already: its owner signs in, or asks for a new password.")

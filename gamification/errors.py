from rest_framework import status
from rest_framework.exceptions import APIException


class BalanceBelowZero(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "balance_below_zero"
    default_detail = "This would take the learner's XP below zero."


class BalanceTooLarge(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "balance_too_large"
    default_detail = "This would take the learner's XP above 2**53 - 1."


class DeltaOutOfRange(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "delta_out_of_range"
    default_detail = "One line changes XP by 1 to 1000000, up or down."


class OwnXP(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "own_xp"
    default_detail = "Nobody adjusts or reverses their own XP."


class ReferenceReused(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "reference_reused"
    default_detail = "This reference has paid another amount before."


class NotReversible(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "not_reversible"
    default_detail = "This line cannot be reversed."

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, AuthenticationFailed


class BalanceBelowZero(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "balance_below_zero"
    default_detail = _("This would take the learner's XP below zero.")


class BalanceTooLarge(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "balance_too_large"
    default_detail = _("This would take the learner's XP above 2**53 - 1.")


class DeltaOutOfRange(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "delta_out_of_range"
    default_detail = _("One ledger entry changes XP by 1 to 1000000, up or down.")


class OwnStanding(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "own_standing"
    default_detail = _("Nobody changes their own board standing.")


class OwnDays(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "own_days"
    default_detail = _("Nobody repairs their own days.")


class NotRepairable(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "not_repairable"
    default_detail = _("This day cannot be repaired.")


class ReferenceReused(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "reference_reused"
    default_detail = _("This reference has paid another amount before.")


class KeyAwardsUsedUp(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "key_awards_used_up"
    default_detail = _("This is more than the key may still give and take today (UTC).")


class NotReversible(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "not_reversible"
    default_detail = _("This entry cannot be reversed.")


class TimeZoneChangeTooSoon(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "time_zone_change_too_soon"
    default_detail = _("The time zone was changed less than 24 hours ago.")


class NoStreak(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "no_streak"
    default_detail = _("There is no streak to protect; activity starts one.")


class NoFreezesLeft(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "no_freezes_left"
    default_detail = _("There are not enough freezes left to protect this day.")


class LearnerNotFound(APIException):
    status_code = status.HTTP_404_NOT_FOUND
    default_code = "learner_not_found"
    default_detail = _("There is no such learner.")


class LearnerErased(APIException):
    status_code = status.HTTP_410_GONE
    default_code = "learner_erased"
    default_detail = _("This learner was erased; nothing is recorded for them any more.")


class GuestEnded(LearnerErased, AuthenticationFailed):
    """Of a guest: it was merged into an account, which takes the result, or it has expired."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "invalid_token"
    default_detail = _("This guest has ended. Sign in to the account that it was linked to, and send this again.")


class AchievementNotFound(APIException):
    status_code = status.HTTP_404_NOT_FOUND
    default_code = "achievement_not_found"
    default_detail = _("There is no such achievement.")


class NotPublished(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "not_published"
    default_detail = _("This is not published yet, so nobody can earn it.")


class BadgeNotFound(APIException):
    status_code = status.HTTP_404_NOT_FOUND
    default_code = "badge_not_found"
    default_detail = _("There is no such badge.")


class BadgeInUse(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "badge_in_use"
    default_detail = _("Learners have been awarded this badge, so it stays. Unpublish it instead.")


class NotADraft(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "not_a_draft"
    default_detail = _("Only a draft can be published.")


class OtherRulesInForce(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "other_rules_in_force"
    default_detail = _("Another version came into force meanwhile. Look at the differences again.")


class DraftChanged(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "draft_changed"
    default_detail = _("The draft was changed meanwhile, so it was not published. Look at the differences again.")

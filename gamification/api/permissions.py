from rest_framework.permissions import BasePermission


class MayAwardXP(BasePermission):
    message = "Only staff with the permission award_xp may do this."

    def has_permission(self, request, view) -> bool:  # noqa: ARG002 (DRF's signature)
        return request.user.has_perm("gamification.award_xp")

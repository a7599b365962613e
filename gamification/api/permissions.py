from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission

from apidocs.server_keys import sent_by_key


class MayAwardXP(BasePermission):
    """Keys too: whether they have the scope `award` is judged when they are accepted."""

    message = _("Only staff with the permission award_xp may do this.")

    def has_permission(self, request, view) -> bool:  # noqa: ARG002 (DRF's signature)
        return sent_by_key(request) or request.user.has_perm("gamification.award_xp")

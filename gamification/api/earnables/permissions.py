from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission, DjangoModelPermissions


class StaffMayEditBadges(DjangoModelPermissions):
    """Anyone signed in may read; writing takes a staff account with the model's permission."""

    def has_permission(self, request, view) -> bool:
        allowed = super().has_permission(request, view)
        return allowed and (request.method in SAFE_METHODS or request.user.is_staff)


class MayLoadCatalogue(BasePermission):
    message = _("Only staff who may add and change achievements and badges may do this.")
    NEEDED = [f"gamification.{action}_{model}" for action in ["add", "change"] for model in ["achievement", "badge"]]

    def has_permission(self, request, view) -> bool:  # noqa: ARG002 (DRF's signature)
        return request.user.is_staff and request.user.has_perms(self.NEEDED)

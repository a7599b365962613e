from rest_framework.permissions import SAFE_METHODS, DjangoModelPermissions


class StaffMayEdit(DjangoModelPermissions):
    """Anyone signed in may read; writing takes a staff account with the model's permission."""

    def has_permission(self, request, view):
        allowed = super().has_permission(request, view)
        return allowed and (request.method in SAFE_METHODS or request.user.is_staff)

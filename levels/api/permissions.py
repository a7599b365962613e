from rest_framework.permissions import SAFE_METHODS, DjangoModelPermissions
from rest_framework.request import Request
from rest_framework.views import APIView


class StaffMayEdit(DjangoModelPermissions):
    """Anyone signed in may read; writing takes a staff account with the model's permission."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        allowed = super().has_permission(request, view)
        return allowed and (request.method in SAFE_METHODS or request.user.is_staff)

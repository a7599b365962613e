"""Which device is which guest, and which account a guest became."""

from django.conf import settings
from django.db import models


class GuestDevice(models.Model):
    """The device of a guest. Its id signs the guest in, so only a hash of it is kept."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="guest_device")
    device_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the id of the device.")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"device of {self.user_id}"


class GuestLink(models.Model):
    """A guest was linked: by it a repeated call is recognised, after the guest's own sessions have ended.

    `account` is the guest itself where it became a full account.
    """

    guest = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="guest_link")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="linked_guests")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"guest {self.guest_id} is {self.account_id}"

    @property
    def was_merged(self) -> bool:
        return self.guest_id != self.account_id

"""Users and their sessions, by cookie and by token."""

import unicodedata
import uuid
from importlib import import_module
from typing import Self

from django.conf import settings
from django.contrib.auth import models as auth
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from simple_history import register

from change_history.querysets import TrackedQuerySet
from change_history.records import ChangeHistory
from gamification.leaderboards import refresh_listed
from gamification.models import LearnerProfile

from .display_names import (
    refuse_impersonation,
    refuse_name_of_somebody,
    refuse_unreadable,
    skeleton,
    tidy,
    username_skeleton,
)
from .email_addresses import fold, normal_form
from .finding import keys_of_people_like
from .guests.models import GuestDevice, GuestLink  # noqa: F401 - Django looks for models here
from .security_log import note_group_rights, note_rights

# ASCII, because each database folds the case of other letters its own way; without an "@", because a name that looks
# like somebody's e-mail address would compete with it at sign-in. `display_name` takes any script.
username_characters = RegexValidator(
    r"\A[A-Za-z0-9_.+-]+\Z",
    later("A username consists of the letters a to z, digits, and the characters . + - _ only."),
)
MAX_PASSWORD_LENGTH = 1024  # characters; hashing more is work for nothing


EMAIL_TAKEN = later("This e-mail address is taken.")


def refuse_unprintable(text: str) -> None:
    """For ids of other systems, which may contain anything that can be printed, but have to be one part of a path."""
    if not text.isprintable():
        raise ValidationError(_("Only printable characters are allowed."))
    if text != text.strip() or "/" in text or text in {".", ".."}:
        raise ValidationError(_("It must not begin or end with a space, contain a slash, or be . or .."))


class UserQuerySet(TrackedQuerySet):
    def with_username(self, username) -> Self:
        return self.alias(folded=Lower("username")).filter(folded=Lower(Value(fold(username))))

    def with_email(self, email) -> Self:
        # The second condition is that of the unique index; without it no database may use the index.
        return self.filter(email_normal_form=normal_form(email), email_normal_form__gt="")

    def shown_like(self, skeleton) -> Self:
        """Whose display name has this skeleton. As above, the second condition is that of the index."""
        return self.filter(display_name_skeleton=skeleton, display_name_skeleton__gt="")

    def known_as(self, identifier) -> Self:
        """At most one person: the one with this e-mail address or username, in whatever spelling."""
        by_email = "@" in unicodedata.normalize("NFKC", identifier)
        return self.with_email(identifier) if by_email else self.with_username(identifier.strip())

    def like(self, text, limit) -> Self:
        """Of whom a name, the e-mail address or an id begins with `text`; see `finding`."""
        return self.filter(pk__in=self.keys_like(text, limit))

    def keys_like(self, text, limit) -> models.QuerySet:
        """The keys of those whom `like` finds, for conditions of other tables."""
        return keys_of_people_like(text, limit, people=self)


class UserManager(auth.UserManager.from_queryset(UserQuerySet)):
    use_in_migrations = False

    @classmethod
    def normalize_email(cls, email) -> str:
        """NFKC before Django's own: look-alikes of ASCII letters (a Kelvin sign) must not make a second mailbox."""
        return super().normalize_email(unicodedata.normalize("NFKC", email or ""))

    def _create_user_object(self, *args, **fields) -> "User":
        # `createsuperuser` shows a ValidationError as a sentence, and an IntegrityError as a traceback.
        user = super()._create_user_object(*args, **fields)
        user.clean()
        user.validate_constraints()
        return user


class User(auth.AbstractUser):
    # Unique by the constraint below. Were the column itself unique, PostgreSQL would take it for the target of foreign
    # keys, and a change of name would deadlock with completions of that user.
    username = models.CharField(
        later("username"),
        max_length=50,
        validators=[MinLengthValidator(3), username_characters],
        help_text="3 to 50 characters: letters a to z, digits, and . + - _ only.",
    )
    # As it was typed, for mails and for the page. It is compared by its normal form, which every save derives from it.
    email = models.EmailField(later("e-mail address"), blank=True)
    # Empty without an address. NULL where an older account has the same mailbox: such accounts exist only from before
    # addresses were compared by this form; they keep their address, but cannot sign in by it.
    email_normal_form = models.TextField(default="", null=True, editable=False)  # noqa: DJ001 - NULL and empty differ
    # One display name instead of two whose order depends on the language.
    first_name = last_name = None
    display_name = models.CharField(max_length=80, blank=True, validators=[refuse_unreadable])
    # What look-alikes have in common (`display_names.skeleton`); every save of the name derives it.
    display_name_skeleton = models.TextField(default="", db_default="", editable=False)
    # The customer's own id of the person. Compared exactly, since it is a key of another system. NULL without one.
    external_id = models.CharField(  # noqa: DJ001 - unique only where there is one
        "external id", max_length=128, null=True, blank=True, validators=[refuse_unprintable]
    )
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="en")
    sign_in_generation = models.PositiveIntegerField(
        default=0, editable=False, help_text="Raised to sign the person out everywhere."
    )

    objects = UserManager()
    # Rights, and the names to sign in by; never a password or what people choose for themselves.
    history = ChangeHistory(
        only=["username", "email", "is_active", "is_staff", "is_superuser"],
        links={"groups": ["name"], "user_permissions": ["content_type__app_label", "codename"]},
        observer=note_rights,
    )

    class Meta(auth.AbstractUser.Meta):
        permissions = [("erase_user", "Can erase people for good")]
        # For `display_names.refuse_impersonation`.
        indexes = [
            models.Index(username_skeleton(), name="username_skeleton"),
            models.Index(
                fields=["display_name_skeleton"],
                condition=Q(display_name_skeleton__gt=""),
                name="display_name_skeleton",
            ),
            # Staff look for these among millions: who joined today, colleagues, who was deactivated.
            models.Index(fields=["date_joined"], name="people_by_joining"),
            models.Index(fields=["-id"], condition=Q(is_staff=True), name="people_on_staff"),
            models.Index(fields=["-id"], condition=Q(is_superuser=True), name="superusers"),
            models.Index(fields=["-id"], condition=Q(is_active=False), name="people_deactivated"),
        ]
        constraints = [
            # One person, one account: "Ana@x.org" and "ana@x.org" are the same mailbox to everybody but a computer.
            models.UniqueConstraint(
                Lower("username"),
                name="username_unique_whatever_case",
                violation_error_message=later("This username is taken."),
            ),
            # With a condition, because PostgreSQL does not use such an index as the target of foreign keys (see above).
            models.UniqueConstraint(
                fields=["email_normal_form"],
                condition=Q(email_normal_form__gt=""),
                name="email_unique_by_normal_form",
                violation_error_message=EMAIL_TAKEN,
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=Q(external_id__isnull=False),
                name="external_id_unique",
                violation_error_message=later("This external id is taken."),
            ),
        ]

    def clean(self) -> None:
        """What the forms of the admin do not check themselves.

        Raises ValidationError where another user has this e-mail address, or where a new display name looks like
        another person's (see `refuse_impersonation`), or a new username like another person's display name.
        """
        super().clean()
        self.display_name = tidy(self.display_name)
        self.email_normal_form = normal_form(self.email)
        stored = type(self).objects.filter(pk=self.pk)
        if type(self).objects.with_email(self.email).exclude(pk=self.pk).exists():
            raise ValidationError({"email": EMAIL_TAKEN})
        if self.display_name and not stored.filter(display_name=self.display_name).exists():
            refuse_impersonation(self.display_name, self)
        if self.username and not stored.filter(username=self.username).exists():
            refuse_name_of_somebody(self.username, self)

    @transaction.atomic
    def save(self, **options) -> None:
        is_new, written = self._state.adding, options.get("update_fields")
        if written is not None and "email" in written:
            options["update_fields"] = {*written, "email_normal_form"}
        if (written is None or "email" in written) and self.email_normal_form is not None:
            self.email_normal_form = normal_form(self.email)
        if written is not None and "display_name" in written:
            options["update_fields"] = {*options["update_fields"], "display_name_skeleton"}
        if written is None or "display_name" in written:
            self.display_name_skeleton = skeleton(self.display_name)
        if not is_new and written is None:
            self.refuse_erased()
        super().save(**options)
        if not is_new and (written is None or "is_active" in written):
            refresh_listed(self.pk, at=timezone.now())

    def refuse_erased(self) -> None:
        """A form that was opened before the erasure must not restore the data."""
        type(self).objects.select_for_update(no_key=True).filter(pk=self.pk).first()
        if LearnerProfile.objects.filter(pk=self.pk, erased_at__isnull=False).exists():
            raise PermissionDenied(_("This person was erased."))

    def get_full_name(self) -> str:
        return self.display_name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()

    def _get_session_auth_hash(self, secret=None) -> str:
        """Django's stamp in cookies, and ours in token sessions: another password or generation, another stamp."""
        secrets_of_person = f"{self.sign_in_generation}:{self.password}"
        return salted_hmac(
            "skillquest.accounts.stamp", secrets_of_person, secret=secret, algorithm="sha256"
        ).hexdigest()


class BrowserSession(AbstractBaseSession):
    """A session by cookie, with its user, so that it can be listed for them and deleted with them."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="browser_sessions")

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        # By its dotted path, because the store needs this model.
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store


class AuthSessionQuerySet(models.QuerySet):
    def alive(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def expired(self, at) -> Self:
        """Sessions of which every token has expired."""
        return self.filter(expires_at__lt=at)

    def end(self, at) -> int:
        return self.alive().update(ended_at=at)


class AuthSession(models.Model):
    """A session by token: a series of refresh tokens, of which only `refresh_id` is still valid."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="auth_sessions")
    refresh_id = models.UUIDField(default=uuid.uuid4)
    previous_refresh_id = models.UUIDField(null=True)
    # A keyed hash of password and generation: any change of either ends the session at once.
    password_stamp = models.CharField(max_length=128)
    # The key that issued its token. A revoked key takes its tokens with it.
    server_key = models.ForeignKey("machines.ServerKey", models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField(help_text="When `refresh_id` replaced the one before.")
    expires_at = models.DateTimeField(help_text="When the newest refresh token expires.")
    ended_at = models.DateTimeField(null=True)

    objects = AuthSessionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.id}"

    @property
    def is_alive(self) -> bool:
        """Whether its tokens are accepted now, apart from their own expiry."""
        stamp = self.user.get_session_auth_hash()
        is_ended = self.ended_at is not None or (self.server_key is not None and self.is_lost_by_key)
        return not is_ended and self.user.is_active and constant_time_compare(self.password_stamp, stamp)

    @property
    def is_lost_by_key(self) -> bool:
        """A revoked key takes its tokens with it, and no key has tokens of staff."""
        return self.server_key.revoked_at is not None or self.user.is_staff or self.user.is_superuser


# Groups are Django's model, so their history is added from here.
register(
    auth.Group,
    app="skillquest.accounts",
    records_class=ChangeHistory,
    links={"permissions": ["content_type__app_label", "codename"]},
    observer=note_group_rights,
)

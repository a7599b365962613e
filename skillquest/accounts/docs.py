"""What the API's documentation says about auth/."""

from functools import partial

from drf_spectacular.utils import OpenApiResponse

from apidocs.operations import answer_example, request_example
from apidocs.operations import documented as documented_for
from gamification.errors import TimeZoneChangeTooSoon

from .errors import InvalidCredentials, InvalidResetToken, InvalidToken, SignInLocked, TokenExpired
from .exporting import PARTS
from .own_sign_in import OwnSignInNeeded
from .serializers import (
    AccountSerializer,
    ChangeAccountSerializer,
    ExportSerializer,
    LoginSerializer,
    NewAccountSerializer,
    TokenPairSerializer,
)

PASSWORD = "correct horse battery staple"  # noqa: S105 - an example
DEMO = {"username": "demo", "password": "play-every-day"}  # made by `make run`
TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…"  # noqa: S105 - an example
NEW_ACCOUNT = {
    "id": 7,
    "username": "ana",
    "email": "ana@example.org",
    "total_xp": 0,
    "level": 1,
    "created_at": "2026-03-01T12:00:00Z",
}
CHOICES = {
    "display_name": "Ana Lestari",
    "time_zone": "Asia/Jakarta",
    "language": "id",
    "leaderboard_opt_out": False,
}
ACCOUNT = NEW_ACCOUNT | CHOICES | {"total_xp": 340, "level": 3, "title": "Novice"}
TOKENS = {"access_token": TOKEN, "refresh_token": TOKEN, "token_type": "bearer"}


documented = partial(documented_for, "Account")

# drf-spectacular shows no bodies of DELETE; skillquest.api.schema.requests puts this one in its place.
ERASE_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["password"], "properties": {"password": {"type": "string"}}},
            "example": {"password": PASSWORD},
        }
    },
}
EXPORT = {
    "exported_at": "2026-03-01T12:00:00Z",
    "account": {"id": 7, "username": "ana", "email": "ana@example.org", "groups": [], "permissions": []},
    "profile": {"total_xp": 340, "time_zone": "Asia/Jakarta", "leaderboard_opt_out": False},
    **{name: [] for name in PARTS},
    "ledger": [{"sequence": 1, "delta": 28, "reason": "level_completion", "balance_after": 28}],
}


NO_CONTENT = OpenApiResponse(description="Done.")

register = documented(
    "register",
    "Make an account",
    "Username and e-mail address are unique, whatever their spelling: case, width of letters, international domains in "
    "Unicode or ASCII. The account can sign in at once.",
    responses={201: NewAccountSerializer},
    examples=[
        request_example({"username": "ana", "email": "ana@example.org", "password": PASSWORD}),
        answer_example(NEW_ACCOUNT),
    ],
)
login = documented(
    "login",
    "Sign in",
    "`username` may be the e-mail address. After ten failures for one account from one address, that address waits "
    "(429 `sign_in_locked`): a minute, and twice as long after each failure that follows, up to 15 minutes. An account "
    "takes 10 attempts a minute, an address 120, whatever the account. An unknown name, a wrong password and a "
    "deactivated account have the same answer.",
    request={"application/json": LoginSerializer},  # it also takes a form, which generated clients do not need
    responses=TokenPairSerializer,
    raises=[InvalidCredentials, SignInLocked(wait=60)],
    examples=[request_example(DEMO), answer_example(TOKENS)],
)
refresh = documented(
    "refreshTokens",
    "Replace a refresh token with a new pair of tokens",
    "Each refresh token works once. One that is used again later than 10 s after its replacement ends the whole "
    "session, access tokens too.",
    responses=TokenPairSerializer,
    raises=[InvalidToken, TokenExpired],
    examples=[request_example({"refresh_token": TOKEN}), answer_example(TOKENS)],
)
logout = documented(
    "logout",
    "Sign out",
    "Needs no access token; a refresh token that was used or has expired is accepted. Nothing changes for a session "
    "that has ended already.",
    responses={204: NO_CONTENT},
    raises=[InvalidToken],
    examples=[request_example({"refresh_token": TOKEN, "everywhere": False})],
)
password = documented(
    "changePassword",
    "Change my password",
    "Ends every session at once, by token and by cookie; a browser that is signed in by cookie stays signed in.",
    responses={204: NO_CONTENT},
    raises=[SignInLocked(wait=60), OwnSignInNeeded],
    examples=[request_example({"old_password": PASSWORD, "new_password": "another horse entirely"})],
)
ask_for_reset = documented(
    "requestPasswordReset",
    "Ask for a new password",
    "Mails a link to whoever has this e-mail address. The answer is the same where nobody has it, and does not wait "
    "for the mail. At most three mails an hour go to one address.",
    responses={204: NO_CONTENT},
    examples=[request_example({"email": "ana@example.org"})],
)
reset_password = documented(
    "resetPassword",
    "Set a new password by the mail's token",
    "The token is the last part of the link. It works once and for an hour; a sign-in or a change of the password in "
    "the meantime ends it. Signs the person out everywhere.",
    responses={204: NO_CONTENT},
    raises=[InvalidResetToken],
    examples=[request_example({"token": "7-cx2k3f-5f0b7d", "new_password": "another horse entirely"})],
)
get_me = documented(
    "getMe",
    "Get my account",
    "`level` and `title` follow from `total_xp`. With the token of a game's server, `username` and `email` are empty.",
    responses=AccountSerializer,
    examples=[answer_example(ACCOUNT)],
)
patch_me = documented(
    "updateMe",
    "Change my settings",
    "Send what is to change; the rest stays. From now on days begin and end by the `time_zone`; earlier days keep "
    "their dates.",
    request=ChangeAccountSerializer,
    responses=AccountSerializer,
    raises=[TimeZoneChangeTooSoon, OwnSignInNeeded],
    examples=[request_example(CHOICES), answer_example(ACCOUNT)],
)
erase_me = documented(
    "eraseMe",
    "Erase my account",
    "For good, and at once. Sign-ins end, name and address are free again, and what was earned stays in the ledger "
    "under a random name; sums of others do not change. Get `auth/me/export` before.",
    responses={204: NO_CONTENT},
    raises=[SignInLocked(wait=60), OwnSignInNeeded],
    extensions={"x-request-body": ERASE_BODY},
)
export = documented(
    "exportMe",
    "Get everything that is kept about me",
    "Each list has the rows as they are kept; new columns may come. Which member of the staff did what, and what they "
    "wrote for each other, is left out. Three times a day.",
    responses=ExportSerializer,
    raises=[OwnSignInNeeded],
    examples=[answer_example(EXPORT)],
)

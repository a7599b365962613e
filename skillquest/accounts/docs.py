"""What the API's documentation says about auth/; the views say only what they do."""

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema

from .exporting import PARTS
from .serializers import (
    AccountSerializer,
    ChangeAccountSerializer,
    ExportSerializer,
    NewAccountSerializer,
    TokenPairSerializer,
)

PASSWORD = "correct horse battery staple"  # noqa: S105 - an example
DEMO = {"username": "demo", "password": "play-every-day"}  # whom `make run` makes
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


def sent(value):
    return OpenApiExample("Request", value, request_only=True)


def answered(value, status="200"):
    return OpenApiExample("Answer", {"success": True, **value}, response_only=True, status_codes=[status])


def documented(summary, description, *, responses, examples=(), **options):
    return extend_schema(
        tags=["Account"],
        summary=summary,
        description=description,
        responses=responses,
        examples=list(examples),
        **options,
    )


# The generator shows no bodies of DELETE; skillquest.api.schema puts this one in its place.
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


DEAD_TOKEN = OpenApiResponse(
    description="`token_expired`, or `invalid_token`: forged, used, ended, or an access token."
)
NOT_OURS = OpenApiResponse(description="`invalid_token`: not a refresh token of ours.")
NO_CONTENT = OpenApiResponse(description="Done.")

register = documented(
    "Make an account",
    "Username and e-mail address are unique, whatever their spelling: case, width of letters, international domains in "
    "Unicode or ASCII. The account can sign in at once.",
    responses={201: NewAccountSerializer},
    examples=[
        sent({"username": "ana", "email": "ana@example.org", "password": PASSWORD}),
        answered(NEW_ACCOUNT, "201"),
    ],
)
login = documented(
    "Sign in",
    "`username` may be the e-mail address. After ten failures for one account from one address, that address waits "
    "(429 `sign_in_locked`): a minute, and twice as long after each failure that follows, up to 15 minutes. An account "
    "takes 10 attempts a minute, an address 120, whatever the account.",
    responses={
        200: TokenPairSerializer,
        401: OpenApiResponse(
            description="`invalid_credentials`, for an unknown name, a wrong password and a deactivated account alike."
        ),
    },
    examples=[sent(DEMO), answered(TOKENS)],
)
refresh = documented(
    "Trade a refresh token for a new pair",
    "Each refresh token works once. One that comes back later than 10 s after its replacement ends the whole session, "
    "access tokens too.",
    responses={
        200: TokenPairSerializer,
        401: DEAD_TOKEN,
    },
    examples=[sent({"refresh_token": TOKEN}), answered(TOKENS)],
)
logout = documented(
    "Sign out",
    "Needs no access token; a refresh token that was used or has expired will do. A session that has ended already "
    "stays so, without complaint.",
    responses={204: NO_CONTENT, 401: NOT_OURS},
    examples=[sent({"refresh_token": TOKEN, "everywhere": False})],
)
password = documented(
    "Change my password",
    "Ends every session at once, by token and by cookie; a browser that asks by cookie stays signed in.",
    responses={204: NO_CONTENT},
    examples=[sent({"old_password": PASSWORD, "new_password": "another horse entirely"})],
)
ask_for_reset = documented(
    "Ask for a new password",
    "Mails a link to whoever has this e-mail address. The answer is the same where nobody has it, and does not wait "
    "for the mail. At most three mails an hour go to one address.",
    responses={204: NO_CONTENT},
    examples=[sent({"email": "ana@example.org"})],
)
reset_password = documented(
    "Set a new password by the mail's token",
    "The token is the last part of the link. It works once and for an hour; a sign-in or a change of the password in "
    "the meantime ends it. Signs the person out everywhere.",
    responses={
        204: NO_CONTENT,
        400: OpenApiResponse(description="`invalid_reset_token`, or a password that is too weak."),
    },
    examples=[sent({"token": "7-cx2k3f-5f0b7d", "new_password": "another horse entirely"})],
)
get_me = documented(
    "Who I am",
    "`level` and `title` follow from `total_xp`.",
    responses=AccountSerializer,
    examples=[answered(ACCOUNT)],
)
patch_me = documented(
    "Change my choices",
    "Send what is to change; the rest stays. From now on days begin and end by the `time_zone`; days of the past keep "
    "their dates.",
    request=ChangeAccountSerializer,
    responses={
        200: AccountSerializer,
        409: OpenApiResponse(
            description="`time_zone_change_too_soon`: the time zone was changed less than 24 hours ago."
        ),
    },
    examples=[sent(CHOICES), answered(ACCOUNT)],
)
erase_me = documented(
    "Erase my account",
    "For good, and at once. Sign-ins end, name and address are free again, and what was earned stays in the books "
    "under a random name; sums of others do not change. Take `auth/me/export` along before.",
    responses={204: NO_CONTENT, 400: OpenApiResponse(description="`invalid`: this is not the password.")},
    extensions={"x-request-body": ERASE_BODY},
)
export = documented(
    "Everything you keep about me",
    "Each list has the rows as they are kept; new columns may come. Left out is who of the staff did what, and what "
    "they wrote for each other.",
    responses=ExportSerializer,
    examples=[answered(EXPORT)],
)

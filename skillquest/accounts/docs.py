"""What the API's documentation says about auth/; the views say only what they do."""

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema

from .serializers import AccountSerializer, ChangeAccountSerializer, NewAccountSerializer, TokenPairSerializer

PASSWORD = "correct horse battery staple"  # noqa: S105 - an example
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


DEAD_TOKEN = OpenApiResponse(
    description="`token_expired`, or `invalid_token`: forged, used, ended, or an access token."
)
NOT_OURS = OpenApiResponse(description="`invalid_token`: not a refresh token of ours.")
NO_CONTENT = OpenApiResponse(description="Done.")

register = documented(
    "Make an account",
    "Username and e-mail address are unique whatever their case. The account can sign in at once.",
    responses={201: NewAccountSerializer},
    examples=[
        sent({"username": "ana", "email": "ana@example.org", "password": PASSWORD}),
        answered(NEW_ACCOUNT, "201"),
    ],
)
login = documented(
    "Sign in",
    "`username` may be the e-mail address. After ten failures for one name from one address within 15 minutes, that "
    "address waits (429 `sign_in_locked`).",
    responses={
        200: TokenPairSerializer,
        401: OpenApiResponse(
            description="`invalid_credentials`, for an unknown name, a wrong password and a deactivated account alike."
        ),
    },
    examples=[sent({"username": "ana", "password": PASSWORD}), answered(TOKENS)],
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

"""What the API's documentation says about guests."""

from apidocs.operations import answer_example, request_example
from skillquest.accounts.docs import PASSWORD, TOKENS, documented
from skillquest.accounts.errors import InvalidCredentials, SignInLocked
from tracking.errors import HistoryTooLong, MergeInterrupted

from .errors import AccountNotLinkable, AlreadyLinked, NotAGuest
from .serializers import GuestTokensSerializer, LinkedSerializer

guest = documented(
    "enterAsGuest",
    "Play as a guest",
    "For people who have no account yet. The same `device_id` gets the same guest, so it is a secret: make it at "
    "random, keep it on the device, and send it nowhere else. A guest stands on no leaderboard, has no password, and "
    "is erased after 90 idle days (a setting). From one address 120 guests a minute can begin.",
    responses={201: GuestTokensSerializer},
    examples=[
        request_example({"device_id": "3f0c5a54-6f0e-4a8e-9c39-0b6a3f6f1c11", "time_zone": "Asia/Jakarta"}),
        answer_example(TOKENS | {"guest": True}),
    ],
)
link = documented(
    "linkGuest",
    "Keep what a guest has done in an account",
    "With the guest's token. `username`, `email` and `password` make the guest a full account. `identifier` and "
    "`password` merge it into an existing account: results move there under their ids, XP, days, achievements and "
    "badges become those of somebody who did everything with one account, and the guest is erased. The answer has new "
    "tokens of the account; those of the guest have ended, and its device begins with a new guest. Sent again within "
    "30 minutes, the call changes nothing and has the same answer with new tokens. Passwords are checked, and failures "
    "counted, as by auth/login.",
    # Those of every other operation; `GuestAuthentication` is a bearer token too.
    auth=[{"bearer": []}, {"cookie": []}],
    responses=LinkedSerializer,
    raises=[
        InvalidCredentials,
        NotAGuest,
        AlreadyLinked,
        AccountNotLinkable,
        HistoryTooLong,
        MergeInterrupted,
        SignInLocked(wait=60),
    ],
    examples=[
        request_example({"identifier": "ana@example.org", "password": PASSWORD}, "Existing account"),
        request_example({"username": "ana", "email": "ana@example.org", "password": PASSWORD}, "New account"),
        answer_example(TOKENS | {"guest": False, "merged": True, "user_id": 7}),
    ],
)

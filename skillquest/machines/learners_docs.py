"""What the API's documentation says about learners/."""

from functools import partial

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from apidocs.operations import answer_example, request_example
from apidocs.operations import documented as documented_for
from gamification.errors import LearnerErased, LearnerNotFound, TimeZoneChangeTooSoon

from .errors import ScopeMissing
from .learners_errors import AlreadyClaimed, EmailTaken, ExternalIdTaken, LearnerDeactivated
from .learners_serializers import (
    ClaimLinkSerializer,
    LearnerStatusSerializer,
    SavedLearnerSerializer,
    SaveLearnerSerializer,
    ShortTokenSerializer,
)

EXTERNAL_ID = OpenApiParameter(
    "external_id",
    str,
    OpenApiParameter.PATH,
    description="Your own id of the learner: 1 to 128 printable characters without `/`, percent-encoded.",
)
SETTINGS = {"display_name": "Ana Lestari", "time_zone": "Asia/Jakarta", "language": "id"}
SAVED = {
    "user_id": 7,
    "external_id": "pupil-1042",
    **SETTINGS,
    "kind": "member",
    "claimed": False,
    "created_at": "2026-03-01T12:00:00Z",
}
STATUS = SAVED | {
    "total_xp": 340,
    "verified_xp": 340,
    "level": 3,
    "title": "Novice",
    "levels_completed": 10,
    "metrics": {"words_learned": 120},
    "streak": {
        "current_streak": 4,
        "longest_streak": 11,
        "last_activity_date": "2026-03-08",
        "freezes_available": 2,
        "total_active_days": 25,
        "at_risk": True,
        "today": "2026-03-09",
    },
    "achievements": [{"achievement_id": "week_warrior", "name": "Week Warrior", "unlocked_at": "2026-03-01T12:00:00Z"}],
    "badges": [{"id": 9, "name": "Beta Tester", "icon_url": "", "awarded_at": "2026-03-01T12:00:00Z"}],
}
TOKEN = {
    "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…",
    "token_type": "bearer",
    "expires_at": "2026-03-01T12:15:00Z",
}
LINK = {"url": "https://quest.example/claim/6fJ0…", "expires_at": "2026-03-08T12:00:00Z"}
REFUSALS = [LearnerNotFound, LearnerErased, LearnerDeactivated]

documented = partial(documented_for, "Learners", parameters=[EXTERNAL_ID])

save_learner = documented(
    "saveLearner",
    "Create a learner, or change what differs",
    "201 for a new account, 200 for one that exists. The same again changes nothing, and what is left out stays. "
    "The account has no password. Once the person has claimed it (`claimed`), nothing changes any more: the settings "
    "are theirs. An id that was erased is closed for 90 days (410).",
    request=SaveLearnerSerializer,
    responses={200: SavedLearnerSerializer, 201: SavedLearnerSerializer},
    raises=[ScopeMissing("learners"), ExternalIdTaken, EmailTaken, TimeZoneChangeTooSoon, *REFUSALS[1:]],
    examples=[request_example(SETTINGS), answer_example(SAVED)],
)
get_learner = documented(
    "getLearner",
    "Get a learner's totals, streak, achievements and badges",
    responses=LearnerStatusSerializer,
    raises=[ScopeMissing("read"), *REFUSALS],
    examples=[answer_example(STATUS)],
)
erase_learner = documented(
    "eraseLearner",
    "Erase a learner",
    "For good, as if the person had done it. Again: 204 for 90 days, in which the id is closed; then 404.",
    responses={204: OpenApiResponse(description="Erased.")},
    raises=[ScopeMissing("learners"), LearnerNotFound],
)
issue_token = documented(
    "issueLearnerToken",
    "Issue a short token for the game on the learner's device",
    "What it reports has the trust `reported` or `offline`, as with every token of a learner. There is no refresh "
    "token: ask for another one. It ends when the key is revoked, when the account is erased, deactivated or claimed, "
    "and cannot change the password, export or erase the account.",
    responses={201: ShortTokenSerializer},
    raises=[ScopeMissing("learners"), *REFUSALS],
    examples=[request_example({"ttl": 900}), answer_example(TOKEN)],
)
make_claim_link = documented(
    "createClaimLink",
    "Make a link with which the learner takes over the account",
    "It works once and for 7 days; a newer one replaces it. On its page the person chooses a name, an e-mail address "
    "and a password; XP and external id stay.",
    request=None,
    responses={201: ClaimLinkSerializer},
    raises=[ScopeMissing("learners"), AlreadyClaimed, *REFUSALS],
    examples=[answer_example(LINK)],
)

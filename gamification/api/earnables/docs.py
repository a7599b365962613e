"""What the API's documentation says about achievements and badges."""

from drf_spectacular.utils import OpenApiParameter, extend_schema_view
from rest_framework.exceptions import PermissionDenied

from apidocs.operations import answer_example, documented, request_example
from catalogues.preconditions import IF_MATCH, PreconditionFailed
from gamification.errors import BadgeInUse, BadgeNotFound, LearnerNotFound

from .serializers import (
    AchievementCheckSerializer,
    AchievementProgressSerializer,
    AchievementSerializer,
    BadgeAwardSerializer,
    BadgeSerializer,
    CatalogueLoadSerializer,
)

WEEK_WARRIOR = {
    "achievement_id": "week_warrior",
    "name": "Week Warrior",
    "description": "Reach a 7-day streak",
    "category": "streaks",
    "rarity": "rare",
    "icon": "bi-fire",
    "xp_reward": 100,
    "condition": {"type": "metric", "name": "longest_streak", "threshold": 7},
    "hidden": False,
    "position": 11,
    "unlocked": True,
    "unlocked_at": "2026-03-01T12:00:00Z",
    "rarity_percent": 12.5,
}
PROGRESS = {
    "achievement_id": "month_master",
    "name": "Month Master",
    "category": "streaks",
    "unlocked": False,
    "current": 8,
    "target": 30,
    "percent": 26,
}
CHECKED = {
    "newly_unlocked": [
        {
            "achievement_id": "week_warrior",
            "name": "Week Warrior",
            "icon": "bi-fire",
            "rarity": "rare",
            "xp_reward": 100,
        }
    ],
    "unlocked_badges": [{"id": 8, "name": "Dedicated", "icon_url": ""}],
    "entries": [{"reason": "achievement", "delta": 100, "balance_after": 440}],
    "total_awarded_xp": 100,
    "new_total_xp": 440,
    "level_up": True,
    "player_level": 4,
    "title": "Novice",
}
LOADED = {
    "created": 1,
    "changed": 1,
    "unchanged": 34,
    "results": [
        {"kind": "achievement", "key": "polyglot", "verdict": "created", "changes": []},
        {"kind": "badge", "key": "Legend", "verdict": "changed", "changes": ["description"]},
    ],
}
NEW_BADGE = {
    "name": "Night Watch",
    "description": "Finish 50 levels late in the evening",
    "icon_url": "/static/badges/night-watch.svg",
    "condition": {"type": "metric", "name": "late_completions", "threshold": 50},
    "published": True,
    "position": 10,
}
BADGE = {"id": 10, **NEW_BADGE, "awarded": False, "awarded_at": None}
AWARD = {
    "id": 9,
    "name": "Beta Tester",
    "description": "Given by hand to early testers",
    "icon_url": "",
    "awarded_at": "2026-03-01T12:00:00Z",
    "metadata": {"season": "2026"},
}
BADGE_ID = OpenApiParameter("id", int, OpenApiParameter.PATH, description="The badge's `id`.")
achievements = extend_schema_view(
    list=documented(
        "Achievements",
        "listAchievements",
        "List the achievements, with what I have of them",
        "Hidden ones show no name, text, icon or condition until they are unlocked.",
        examples=[answer_example(WEEK_WARRIOR)],
    )
)
mine = documented(
    "Achievements",
    "listMyAchievements",
    "List the achievements that I have, newest first",
    responses=AchievementSerializer(many=True),
    examples=[answer_example(WEEK_WARRIOR)],
)
progress = documented(
    "Achievements",
    "listAchievementProgress",
    "List how far I am with each achievement",
    "Of a condition with several parts: how many of `all` are met, or how far the nearest of `any` is. Hidden ones "
    "show nothing until they are unlocked.",
    responses=AchievementProgressSerializer(many=True),
    examples=[answer_example(PROGRESS)],
)
check = documented(
    "Achievements",
    "checkAchievements",
    "Award what I have earned and not been awarded yet",
    "What a completion earns is in its own answer. This finds what was published or changed later.",
    request=None,
    responses=AchievementCheckSerializer,
    examples=[answer_example(CHECKED)],
)
initialize = documented(
    "Achievements",
    "loadShippedAchievements",
    "Load the achievements and badges that ship with SkillQuest",
    "For staff who may add and change both. Can be repeated: shipped ones are set to their shipped state, nothing is "
    "deleted.",
    request=None,
    responses=CatalogueLoadSerializer,
    raises=[PermissionDenied],
    examples=[answer_example(LOADED)],
)
badges = extend_schema_view(
    list=documented(
        "Badges",
        "listBadges",
        "List the badges",
        "Staff who may change badges also see drafts.",
        examples=[answer_example(BADGE)],
    ),
    retrieve=documented(
        "Badges",
        "getBadge",
        "Get a badge",
        parameters=[BADGE_ID],
        responses=BadgeSerializer,
        raises=[BadgeNotFound],
        etag=True,
        examples=[answer_example(BADGE)],
    ),
)
my_badges = documented(
    "Badges",
    "listMyBadges",
    "List the badges that I have, newest first",
    responses=BadgeAwardSerializer(many=True),
    examples=[answer_example(AWARD)],
)
their_badges = documented(
    "Badges",
    "listBadgesOfLearner",
    "List the badges that a learner has, newest first",
    "404 for learners who opted out of leaderboards or are deactivated.",
    parameters=[OpenApiParameter("learner_id", int, OpenApiParameter.PATH, description="The learner's `id`.")],
    responses=BadgeAwardSerializer(many=True),
    raises=[LearnerNotFound],
    examples=[answer_example(AWARD)],
)
add_badge = documented(
    "Badges",
    "createBadge",
    "Add a badge",
    "For staff with the permission `gamification.add_badge`.",
    responses={200: BadgeSerializer},
    raises=[PermissionDenied],
    etag=True,
    examples=[request_example(NEW_BADGE), answer_example(BADGE)],
)
change_badge = documented(
    "Badges",
    "updateBadge",
    "Change a badge",
    "For staff with the permission `gamification.change_badge`. What is left out stays.",
    parameters=[BADGE_ID, IF_MATCH],
    responses=BadgeSerializer,
    raises=[PermissionDenied, BadgeNotFound, PreconditionFailed],
    etag=True,
    examples=[request_example(NEW_BADGE), answer_example(BADGE)],
)
delete_badge = documented(
    "Badges",
    "deleteBadge",
    "Delete a badge",
    "For staff with the permission `gamification.delete_badge`. One that was ever awarded stays.",
    parameters=[BADGE_ID, IF_MATCH],
    responses={204: None},
    raises=[PermissionDenied, BadgeNotFound, BadgeInUse, PreconditionFailed],
)

"""What the API's documentation says about achievements and badges; the views say only what they do."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view

from catalogues.preconditions import FAILED, IF_MATCH

from .serializers import (
    AchievementProgressSerializer,
    AchievementSerializer,
    BadgeAwardSerializer,
    BadgeSerializer,
    CheckedSerializer,
    LoadedSerializer,
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
    "success": True,
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
    "success": True,
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
IN_USE = OpenApiResponse(description="`badge_in_use`: learners have been awarded it; unpublish it instead.")


def answered(value):
    return OpenApiExample("Answer", value, response_only=True)


def sent(value):
    return OpenApiExample("Request", value, request_only=True)


def documented(tag, summary, description=None, *, examples=(), **options):
    return extend_schema(tags=[tag], summary=summary, description=description, examples=list(examples), **options)


achievements = extend_schema_view(
    list=documented(
        "Achievements",
        "All achievements, with what I have of them",
        "Hidden ones show no name, text, icon or condition until they are unlocked.",
        examples=[answered(WEEK_WARRIOR)],
    )
)
mine = documented(
    "Achievements",
    "The achievements that I have, newest first",
    responses=AchievementSerializer(many=True),
    examples=[answered(WEEK_WARRIOR)],
)
progress = documented(
    "Achievements",
    "How far I am with each achievement",
    "Of a condition with several parts: how many of `all` hold, or how far the nearest of `any` is. Hidden ones tell "
    "nothing until they are unlocked.",
    responses=AchievementProgressSerializer(many=True),
    examples=[answered(PROGRESS)],
)
check = documented(
    "Achievements",
    "Look now whether I have earned anything that I was not given",
    "What a completion earns comes with its answer. This finds what was published or changed later.",
    responses=CheckedSerializer,
    examples=[sent({}), answered(CHECKED)],
)
initialize = documented(
    "Achievements",
    "Load the achievements and badges that ship with SkillQuest",
    "For staff who may add and change both. Can be repeated: shipped ones become what they were, nothing is deleted.",
    responses=LoadedSerializer,
    examples=[sent({}), answered(LOADED)],
)
badges = extend_schema_view(
    list=documented("Badges", "All badges", "Staff who may change badges also see drafts.", examples=[answered(BADGE)]),
    retrieve=documented(
        "Badges",
        "One badge",
        parameters=[BADGE_ID],
        responses=BadgeSerializer,
        examples=[answered({"success": True, **BADGE})],
    ),
)
my_badges = documented(
    "Badges",
    "The badges that I wear, newest first",
    responses=BadgeAwardSerializer(many=True),
    examples=[answered(AWARD)],
)
their_badges = documented(
    "Badges",
    "The badges that a learner wears, newest first",
    "404 for learners who opted out of leaderboards or are deactivated.",
    parameters=[OpenApiParameter("learner_id", int, OpenApiParameter.PATH, description="The learner's `id`.")],
    responses=BadgeAwardSerializer(many=True),
    examples=[answered(AWARD)],
)
add_badge = documented(
    "Badges",
    "Add a badge",
    "For staff with the permission `gamification.add_badge`.",
    responses={200: BadgeSerializer},
    examples=[sent(NEW_BADGE), answered({"success": True, **BADGE})],
)
change_badge = documented(
    "Badges",
    "Change a badge",
    "For staff with the permission `gamification.change_badge`. What is left out stays.",
    parameters=[BADGE_ID, IF_MATCH],
    responses={200: BadgeSerializer, 412: FAILED},
    examples=[sent(NEW_BADGE), answered({"success": True, **BADGE})],
)
delete_badge = documented(
    "Badges",
    "Delete a badge",
    "For staff with the permission `gamification.delete_badge`. One that was ever awarded stays.",
    parameters=[BADGE_ID, IF_MATCH],
    responses={204: None, 409: IN_USE, 412: FAILED},
)

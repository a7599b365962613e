"""How far the learner has come: levels by section, skills, achievements and badges."""

from urllib.parse import urlencode

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from gamification.models import Badge, BadgeAward, Unlock
from levels.models import Level, Section
from tracking.models import Completion
from tracking.review.skills import skills_of

from .blocks import SHOWN, Block, Cell, Link, Share, all_of, link_to, moment
from .visits import Visit
from .xp import AWARD_XP

SECTIONS_SHOWN = 20
AWARD_BADGE = "gamification.award_badge"


def sections(visit: Visit) -> Block:
    """Of each category: how many of its levels are passed. Those with most progress first."""
    passed = Q(pk__in=Completion.objects.passed_levels(visit.learner_id))
    title = Section.objects.filter(section_id=OuterRef("category")).values("title")[:1]
    counts = {"total": Count("pk"), "passed": Count("pk", filter=passed)}
    levels = Level.objects.visible().completable().values("category").annotate(**counts)
    rows = levels.annotate(title=Coalesce(Subquery(title), "category")).order_by("-passed", "category")
    return Block(
        "Levels by section",
        ["Section", "Passed"],
        [[row["title"], Share(row["passed"], row["total"])] for row in rows[:SECTIONS_SHOWN]],
        "No level is published.",
        all_of(Completion, visit.learner_id),
    )


def skills(visit: Visit) -> Block:
    """Those that are remembered least come first."""
    found = sorted(skills_of(learner=visit.profile.user, at=visit.at), key=lambda skill: skill["percent"])
    return Block(
        "Skills",
        ["Skill", "Questions answered", "Remembered now"],
        [[row["skill"], row["known"], Share(row["remembered"], row["questions"])] for row in found[:SHOWN]],
        "No question of a skill was answered yet.",
    )


def achievements(visit: Visit) -> Block:
    mine = Unlock.objects.filter(learner=visit.learner_id).select_related("achievement")
    return Block(
        "Achievements",
        ["Achievement", "Earned (UTC)", "XP", "State", "Act"],
        [_achievement(visit, unlock) for unlock in mine.order_by("-earned_at", "-pk")[:SHOWN]],
        "No achievement was unlocked yet.",
        all_of(Unlock, visit.learner_id),
    )


def _achievement(visit: Visit, unlock: Unlock) -> list[Cell]:
    act: Cell = "-"
    if unlock.revoked_at is None and visit.may_act(AWARD_XP):
        act = Link("Take back…", reverse("admin:gamification_unlock_revoke", args=[unlock.pk]))
    state = f"Taken back {moment(unlock.revoked_at)}" if unlock.revoked_at else "Held"
    return [link_to(unlock, unlock.achievement), moment(unlock.earned_at), unlock.xp_reward, state, act]


def badges(visit: Visit) -> Block:
    mine = BadgeAward.objects.filter(learner=visit.learner_id).select_related("badge", "actor", "revoked_by")
    return Block(
        "Badges",
        ["Badge", "Awarded (UTC)", "By", "State", "Act"],
        [_badge(visit, award) for award in mine.order_by("-awarded_at", "-pk")[:SHOWN]],
        "No badge was awarded yet.",
        all_of(BadgeAward, visit.learner_id),
    )


def _badge(visit: Visit, award: BadgeAward) -> list[Cell]:
    state = f"Taken back {moment(award.revoked_at)}" if award.revoked_at else "Held"
    return [
        link_to(award, award.badge),
        moment(award.awarded_at),
        str(award.actor or "Earned"),
        state,
        "-" if award.revoked_at else _by_hand(visit, award.badge, "revoke", "Take back…"),
    ]


def badges_to_award(visit: Visit) -> Block:
    """Published badges that the learner does not hold."""
    held = BadgeAward.objects.held().filter(learner=visit.learner_id).values("badge")
    others = Badge.objects.filter(published=True).exclude(pk__in=held)[:SHOWN]
    return Block(
        "Award a badge",
        ["Badge", "Act"],
        [[badge.name, _by_hand(visit, badge, "award", "Award…")] for badge in others],
        "The learner has every badge.",
        reverse("admin:gamification_badge_changelist") if visit.may_view(Badge) else "",
    )


def _by_hand(visit: Visit, badge: Badge, action: str, text: str) -> Cell:
    if not visit.may_act(AWARD_BADGE):
        return "-"
    filled_in = urlencode({"learner": visit.profile.user.get_username(), "action": action})
    return Link(text, f"{reverse('admin:gamification_badge_by_hand', args=[badge.pk])}?{filled_in}")

"""Learners with a number of rows of everything that their page shows."""

from datetime import timedelta

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from gamification.awards.adjustments import reverse
from gamification.models import (
    BadgeAward,
    BoardStanding,
    DayRepair,
    FreezeEvent,
    LearnerProfile,
    StandingChange,
)
from gamification.staff.approvals import request_adjustment
from gamification.staff.awards import award_badge
from skillquest.accounts.models import AuthSession, BrowserSession, GuestLink
from tests.factories import LevelFactory, UserFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory, UnlockFactory
from tests.tracking.review.practising import known_question
from tracking.models import Completion
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, start_session


def learner_with(count, staff, **fields):
    """Each number of each kind of row is a day older than the one before."""
    learner = UserFactory(**fields)
    for number in reversed(range(count)):
        at = timezone.now() - timedelta(days=number)
        play(learner, at, number)
        be_judged(learner, staff, at, number)
        sign_in(learner, at, number)
    return learner


def play(learner, at, number):
    level = LevelFactory(category=f"category-{number}")
    complete_level(learner=learner, claim=Claim(level.level_id, 850, 100), source="api", at=at)
    slow = LevelFactory(metadata={"min_seconds": 60})
    complete_level(learner=learner, claim=Claim(slow.level_id, 850, 1), source="api", at=at)
    start_session(learner=learner, level=level.level_id, resume=False, at=at)
    known_question(learner, skill=f"skill-{number}")


def be_judged(learner, staff, at, number):
    gift = {"learner_id": learner.pk, "reason": "A gift", "actor": staff, "at": at}
    adjust(amount=50, **gift)
    reverse(adjust(amount=7, **gift), actor=staff, reason="Typed twice", note="Seen.", at=at)
    UnlockFactory(learner=learner, achievement=AchievementFactory(), earned_at=at)
    award_badge(learner_id=learner.pk, badge=BadgeFactory(), actor=staff, note="Helped.", at=at)
    asked = {"amount": 2_000, "reason": "Prize", "note": "Won.", "reference_id": f"asked-{number}"}
    request_adjustment(learner_id=learner.pk, actor=UserFactory(is_staff=True), at=at, **asked)
    judged = {"learner": learner, "reason": "Looked at", "note": "By two.", "actor": staff, "created_at": at}
    StandingChange.objects.create(standing=BoardStanding.RANKED, **judged)
    DayRepair.objects.create(date=at.date() - timedelta(days=400), kind="repaired", **judged)
    FreezeEvent.objects.create(learner=learner, kind="granted", delta=1, date=at.date(), created_at=at)
    LearnerProfile.objects.filter(pk=learner.pk).update(first_freezes=0)
    note_in_log(learner, staff)


def note_in_log(learner, staff, message="Changed by hand."):
    LogEntry.objects.create(
        user=staff,
        content_type=ContentType.objects.get_for_model(LearnerProfile),
        object_id=str(learner.pk),
        object_repr=str(learner),
        action_flag=CHANGE,
        change_message=message,
    )


def sign_in(learner, at, number):
    times = {"created_at": at, "rotated_at": at, "expires_at": at + timedelta(days=30)}
    AuthSession.objects.create(user=learner, password_stamp="x", **times)
    BrowserSession.objects.create(session_key=f"{learner.pk}-{number}", user=learner, expire_date=at)
    GuestLink.objects.create(guest=UserFactory(), account=learner, created_at=at)


def counts_of(learner):
    return {model: model.objects.filter(learner=learner).count() for model in (Completion, BadgeAward, DayRepair)}

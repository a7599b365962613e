"""The people who knock, the credentials they knock with, and the rows that they ask for."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from gamification.awards import check_in
from gamification.models import (
    Achievement,
    AdjustmentRequest,
    Amnesty,
    Badge,
    BadgeAward,
    FreezeEvent,
    LearnerProfile,
    LedgerEntry,
    TimeZoneChange,
    Unlock,
    XPRuleSet,
)
from gamification.staff.approvals import request_adjustment
from levels.challenges import CHALLENGE
from levels.models import Level, Section, Unit
from skillquest.accounts import tokens
from skillquest.accounts.models import AuthSession, BrowserSession, User
from skillquest.accounts.sessions import end_sessions, open_session
from skillquest.accounts.tokens import TokenPair
from tests.factories import LevelFactory, UserFactory
from tests.gamification.earnables.factories import UnlockFactory
from tracking.attempts.services import start_attempt
from tracking.models import Completion, LearningSession
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, start_session

from .table import ROLES

FULL_OF_RIGHTS = {"is_staff": True, "is_superuser": True}


@dataclass(frozen=True)
class Person:
    """Somebody with credentials for both doors: a bearer token for the API, a cookie for the site (and the API)."""

    role: str
    user: User | None = None
    tokens: TokenPair | None = None
    cookie: str | None = None

    @property
    def sends_csrf(self):
        return self.role != "no-csrf"

    @property
    def has_token(self):
        return self.tokens is not None and self.sends_csrf


@dataclass(frozen=True)
class World:
    people: dict[str, Person]
    level: Level  # played by the learner, and playable in the browser
    spare_level: Level  # played by nobody
    draft_level: Level  # not published
    open_session: LearningSession  # the learner's
    challenge: Level  # tried by nobody
    open_attempt: LearningSession  # the learner's, at another challenge
    training: Level  # of five questions
    rows: dict  # model -> the row that stands in the addresses of its pages in the admin

    @property
    def learner(self):
        return self.people["learner"]

    def row_of(self, model):
        row = self.rows.get(model) or model._default_manager.order_by("-pk").first()
        if row is None:
            raise LookupError(
                f"tests/security/world.py has to make a {model._meta.label}, so that it can be asked for."
            )
        return row


def make_world():
    people = {role: make_person(role) for role in ROLES}
    learner, at = people["learner"].user, timezone.now()
    level = LevelFactory(level_id="level-1", number=1, name="The Misinformation Maze")
    spare, draft = LevelFactory(level_id="spare"), LevelFactory(level_id="draft", published=False)
    claim = Claim(level.level_id, 850, 120)
    complete_level(learner=learner, claim=claim, source="api", at=at - timedelta(hours=1))
    session, _ = start_session(learner=learner, level=level.level_id, resume=False, at=at - timedelta(minutes=1))
    return World(
        people=people,
        level=level,
        spare_level=spare,
        draft_level=draft,
        open_session=session,
        challenge=LevelFactory(level_id="riddle", **CHALLENGE),
        open_attempt=start_attempt(learner=learner, challenge=make_puzzle(), resume=False, at=at),
        training=make_training(),
        rows=rows_of_admin(learner, spare, session, hold_one(learner, at)),
    )


def make_puzzle():
    return LevelFactory(level_id="puzzle", xp_reward=50, **CHALLENGE).pk


def make_training():
    answers = {"total_questions": 5, "min_correct": 3}
    return LevelFactory(level_id="knots-1", kind="training", category="knots", max_score=100, metadata=answers)


def hold_one(learner, at):
    """A completion that waits for staff, because it was too quick to be true."""
    level = LevelFactory(level_id="slow", metadata={"min_seconds": 60})
    complete_level(learner=learner, claim=Claim(level.level_id, 850, 1), source="api", at=at - timedelta(hours=1))
    return Completion.objects.get(held=True)


def ask_for_much(learner):
    """XP that somebody asked for, and a second person has to approve."""
    return request_adjustment(
        learner_id=learner.pk,
        amount=5_000,
        reason="Moved here",
        note="See the letter.",
        reference_id="much",
        actor=UserFactory(username="asker", is_staff=True),
        at=timezone.now(),
    )


def make_achievement(name, threshold=1_000_000):
    condition = {"type": "xp", "threshold": threshold}
    return Achievement.objects.create(achievement_id=name, name=name, category="xp", condition=condition)


def unlock(achievement, learner):
    LearnerProfile.objects.filter(pk=learner.pk).update(achievements_unlocked=1)
    return UnlockFactory(achievement=achievement, learner=learner)


def rows_of_days(learner):
    """A freeze that was granted and used, a move within one zone, an outage of long ago."""
    at = timezone.now()
    freeze = {"learner": learner, "date": at.date(), "created_at": at}
    FreezeEvent.objects.create(kind="granted", delta=1, **freeze)
    return {
        FreezeEvent: FreezeEvent.objects.create(kind="used", delta=-1, **freeze),
        TimeZoneChange: TimeZoneChange.objects.create(learner=learner, time_zone="UTC", effective_from=at),
        Amnesty: Amnesty.objects.create(
            number=1,
            created_at=at,
            starts_at=at - timedelta(days=400),
            ends_at=at - timedelta(days=399),
            reason="A flood",
            created_by=UserFactory(username="warden"),
        ),
    }


def rows_of_admin(learner, level, session, completion):
    section = Section.objects.create(section_id="wilds", title="Wilds")
    make_achievement("due", threshold=1)  # the learner has earned it, and not got it yet
    return {
        Group: Group.objects.create(name="Helpers"),
        User: learner,
        LearnerProfile: learner.profile,
        LedgerEntry: LedgerEntry.objects.get(),
        AdjustmentRequest: ask_for_much(learner),
        Achievement: make_achievement("far"),
        Unlock: unlock(make_achievement("near"), learner),
        Badge: Badge.objects.create(name="Spare"),
        BadgeAward: BadgeAward.objects.create(
            badge=Badge.objects.create(name="Helper"), learner=learner, awarded_at=timezone.now()
        ),
        **rows_of_days(learner),
        XPRuleSet: XPRuleSet.objects.create(version=900, note="A try"),
        LearningSession: session,
        Completion: completion,
        Level: level,
        Section: section,
        Unit: Unit.objects.create(unit_id="wilds-1", section=section, title="First steps"),
    }


def make_person(role):
    if role == "anonymous":
        return Person(role)
    user = UserFactory(username=role, email=f"{role}@example.test", **rights_of(role))
    user.user_permissions.set(permissions_of(role))
    if role != "learner":  # whose completion begins a streak
        check_in(user.pk, at=timezone.now() - timedelta(days=1))  # a streak, which a freeze can protect
    person = Person(role, user, open_session(user=user, at=timezone.now()), cookie_of(user))
    return SPOILED.get(role, lambda whole: whole)(person)


def rights_of(role):
    if role in {"learner", "other"}:
        return {}
    return {"is_staff": True} if role in {"staff", "editor", "steward"} else FULL_OF_RIGHTS


def permissions_of(role):
    if role == "editor":
        return Permission.objects.filter(content_type__app_label="levels")
    if role == "steward":
        books = Permission.objects.filter(content_type__app_label__in=["gamification", "tracking"])
        return books.filter(codename__startswith="view_") | books.filter(codename="award_xp")
    return []


def cookie_of(user):
    browser = Client()
    browser.force_login(user)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def deactivated(person):
    User.objects.filter(pk=person.user.pk).update(is_active=False)
    return person


def out_of_time(person):
    BrowserSession.objects.filter(pk=person.cookie).update(expire_date=timezone.now() - timedelta(seconds=1))
    long_ago = timezone.now() - settings.ACCESS_TOKEN_LIFETIME - timedelta(seconds=1)
    pair = tokens.issue_pair(AuthSession.objects.get(user=person.user), at=long_ago)
    return Person(person.role, person.user, pair, person.cookie)


def signed_out_everywhere(person):
    end_sessions(user=person.user, at=timezone.now())
    return person


SPOILED = {"inactive": deactivated, "expired": out_of_time, "revoked": signed_out_everywhere}

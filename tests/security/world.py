"""The people and server keys that make requests, their credentials, and the rows that they request."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from analytics.models import Analytics
from analytics.rolling.jobs import ANALYTICS_ID
from approvals.models import ApprovalRequest
from catalogues.editing import fingerprint
from gamification.awards import check_in
from gamification.models import (
    Achievement,
    ActivityDay,
    Amnesty,
    AmnestyPreview,
    Badge,
    BadgeAward,
    BoardPolicy,
    DayRepair,
    FreezeEvent,
    LearnerKind,
    LearnerProfile,
    LedgerEntry,
    LimitSet,
    Metric,
    StandingChange,
    TimeZoneChange,
    Unlock,
    XPRuleSet,
)
from gamification.staff.amnesties import NOTHING
from gamification.staff.approvals import request_adjustment
from gamification.staff.backfill_jobs import start_backfill
from jobs.models import Job
from levels.challenges import CHALLENGE
from levels.models import Level, Question, Section, Unit
from skillquest.accounts import tokens
from skillquest.accounts.models import AuthSession, BrowserSession, User
from skillquest.accounts.sessions import end_sessions, open_session
from skillquest.accounts.tokens import TokenPair
from skillquest.machines.models import ServerKey
from tests.factories import LevelFactory, MetricFactory, UserFactory
from tests.gamification.earnables.factories import UnlockFactory
from tests.machines.keys import make_key
from tests.tracking.plays.content import QuestionFactory
from tests.tracking.review.practising import known_question
from tracking.attempts.services import start_attempt
from tracking.models import Completion, LearningSession, Recalculation, RuleTrial, TriedLearner, TriedPart
from tracking.plays.services import start_play
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, start_session

from .imports import make_imports
from .table import KEY_ROLES, ROLES

ALL_RIGHTS = {"is_staff": True, "is_superuser": True}
# Roles of staff -> the group that a new installation has for them.
GROUP_OF = {
    "editor": "Content editor",
    "steward": "XP steward",
    "reviewer": "Fairness reviewer",
    "analyst": "Analyst",
    "integrator": "Integrator",
}


@dataclass(frozen=True)
class Person:
    """A user with a bearer token for the API and a session cookie for the pages and the API; or a server key."""

    role: str
    user: User | None = None
    tokens: TokenPair | None = None
    cookie: str | None = None
    key: str = ""  # a server key, which acts for the user

    @property
    def sends_csrf(self):
        return self.role != "no-csrf"

    @property
    def has_token(self):
        return self.tokens is not None and self.sends_csrf


@dataclass(frozen=True)
class World:
    people: dict[str, Person]
    level: Level  # completed by the learner; its game exists
    spare_level: Level  # played by nobody
    draft_level: Level  # not published
    open_session: LearningSession  # the learner's
    challenge: Level  # without attempts
    open_attempt: LearningSession  # the learner's, at another challenge
    open_play: LearningSession  # the learner's, of two questions
    training: Level  # of five questions
    rows: dict  # model -> the row whose id is used in the paths of its admin pages
    imports: dict  # model -> an import of the superuser

    @property
    def learner(self):
        return self.people["learner"]

    def row_of(self, model):
        row = self.rows.get(model) or model._default_manager.order_by("-pk").first()
        if row is None:
            raise LookupError(
                f"make_world() in tests/security/world.py has to create a {model._meta.label} for its admin pages."
            )
        return row


def make_world():
    people = {role: make_person(role) for role in ROLES}
    people |= make_keys(people["learner"].user)
    learner, at = people["learner"].user, timezone.now()
    known_question(learner, question_id="known-question")
    level = LevelFactory(level_id="level-1", number=1, name="The Misinformation Maze")
    QuestionFactory(level=level)
    spare, draft = LevelFactory(level_id="spare"), LevelFactory(level_id="draft", published=False)
    claim = Claim(level.level_id, 850, 120)
    complete_level(learner=learner, claim=claim, source="api", at=earlier_today(at))
    session, _ = start_session(learner=learner, level=level.level_id, resume=False, at=at - timedelta(minutes=1))
    return World(
        people=people,
        level=level,
        spare_level=spare,
        draft_level=draft,
        open_session=session,
        challenge=LevelFactory(level_id="riddle", **CHALLENGE),
        open_attempt=start_attempt(learner=learner, challenge=make_puzzle(), resume=False, at=at),
        open_play=make_play(learner, at),
        training=make_training(),
        rows=rows_of_admin(learner, spare, session, make_held_completion(learner, at)),
        imports=make_imports(people["superuser"].user),
    )


def make_puzzle():
    return LevelFactory(level_id="puzzle", xp_reward=50, **CHALLENGE).pk


def make_play(learner, at):
    level = LevelFactory(level_id="quiz")
    for number in [1, 2]:
        QuestionFactory(level=level, question_id=f"asked-{number}", hint="Think.")
    play = start_play(learner=learner, level=level.level_id, at=at)
    return LearningSession.objects.get(pk=play["session_id"])


def make_training():
    answers = {"total_questions": 5, "min_correct": 3}
    return LevelFactory(level_id="knots-1", kind="training", category="knots", max_score=100, metadata=answers)


def make_held_completion(learner, at):
    """A completion that waits for staff because it took less than the minimum time."""
    level = LevelFactory(level_id="slow", metadata={"min_seconds": 60})
    complete_level(learner=learner, claim=Claim(level.level_id, 850, 1), source="api", at=at - timedelta(hours=1))
    return Completion.objects.get(held=True)


def make_adjustment_request(learner):
    """A request for more XP than one person may give, which a second person has to approve."""
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


def earlier_today(at):
    """An hour before, but not on the day before: there, a freeze would have nothing to protect today."""
    return max(at - timedelta(hours=1), at.replace(hour=0, minute=0, second=0, microsecond=0))


def unlock(achievement, learner):
    LearnerProfile.objects.filter(pk=learner.pk).update(achievements_unlocked=1)
    return UnlockFactory(achievement=achievement, learner=learner)


def rows_of_days(learner):
    """A freeze that was granted and used, a change of the time zone, and an amnesty of an outage long ago."""
    at = timezone.now()
    freeze = {"learner": learner, "date": at.date(), "created_at": at}
    FreezeEvent.objects.create(kind="granted", delta=1, **freeze)
    for ago, kind in ((10, "active"), (9, "frozen")):  # for the pages that repair days; the day after is missed
        ActivityDay.objects.create(learner=learner, date=at.date() - timedelta(days=ago), kind=kind, recorded_at=at)
    LearnerProfile.objects.filter(pk=learner.pk).update(freezes_available=1)
    return {
        FreezeEvent: FreezeEvent.objects.create(kind="used", delta=-1, **freeze),
        DayRepair: DayRepair.objects.create(
            learner=learner,
            date=at.date() - timedelta(days=1),
            kind="repaired",
            reason="No network",
            note="Ticket 7",
            actor=UserFactory(username="mender"),
            created_at=at,
        ),
        TimeZoneChange: TimeZoneChange.objects.create(learner=learner, time_zone="UTC", effective_from=at),
        **amnesty_of_long_ago(at),
    }


def amnesty_of_long_ago(at):
    """One that was granted, and the preview of another one for the same span."""
    span = {"starts_at": at - timedelta(days=400), "ends_at": at - timedelta(days=399), "reason": "A flood"}
    made = {**span, "created_at": at, "created_by": UserFactory(username="warden")}
    figures = {"dates": {}, **NOTHING}
    preview = AmnestyPreview.objects.create(after=1, undone=0, figures=figures, **made)
    return {Amnesty: Amnesty.objects.create(number=1, **made), AmnestyPreview: preview}


def make_trials(draft):
    """Of a draft, of a recalculation that may begin, and of one that has ended; each with the sums that it found."""
    at, asker = timezone.now(), UserFactory(username="tester")
    in_force = XPRuleSet.objects.published().get()
    sums = ["learners", "results", "moved", "changed", "now_xp", "tried_xp", "gain", "lose", "gained_xp", "lost_xp"]
    figures = {**dict.fromkeys([*sums, "up", "down"], 1), "percentiles": []}
    common = {"in_force": in_force.version, "until": at, "created_by": asker, "created_at": at, "figures": figures}
    trials = []
    for purpose, rules in [("draft", draft), ("recalculation", in_force), ("recalculation", in_force)]:
        params = {"version": rules.version, "days": 7}
        job = Job.objects.create(kind="try_rules", params=params, state="done", created_at=at, heartbeat=at)
        tried = {"rule_set": rules, "version": rules.version, "rules": rules.rules, "fingerprint": fingerprint(rules)}
        trials.append(RuleTrial.objects.create(purpose=purpose, job=job, **tried, **common))
    TriedLearner.objects.create(trial=trials[1], learner=asker, results=1, difference=5)
    level = Level.objects.get(level_id="level-1")
    TriedPart.objects.create(trial=trials[1], source="level_completion", level=level, results=1, tried_xp=5)
    params = {"recalculation": 1, "version": in_force.version}
    job = Job.objects.create(kind="recalculate", params=params, state="done", created_at=at, heartbeat=at)
    done = Recalculation.objects.create(trial=trials[2], started_by=asker, created_at=at, job=job)
    return {RuleTrial: trials[1], Recalculation: done}


def rows_of_admin(learner, level, session, completion):
    section = Section.objects.create(section_id="wilds", title="Wilds")
    make_achievement("due", threshold=1)  # the learner has earned it but not unlocked it
    draft = XPRuleSet.objects.create(version=900, note="A try")
    return {
        **make_trials(draft),
        Group: Group.objects.create(name="Helpers"),
        User: learner,
        LearnerProfile: learner.profile,
        LedgerEntry: LedgerEntry.objects.get(),
        ApprovalRequest: make_adjustment_request(learner),
        Achievement: make_achievement("far"),
        Unlock: unlock(make_achievement("near"), learner),
        Badge: Badge.objects.create(name="Spare"),
        BadgeAward: BadgeAward.objects.create(
            badge=Badge.objects.create(name="Helper"), learner=learner, awarded_at=timezone.now()
        ),
        BoardPolicy: BoardPolicy.objects.get(metric="xp_weekly"),
        StandingChange: StandingChange.objects.create(
            learner=learner,
            standing="ranked",
            reason="Nothing unusual",
            note="Seen.",
            actor=UserFactory(username="colleague"),
            created_at=timezone.now(),
        ),
        **rows_of_days(learner),
        XPRuleSet: draft,
        LimitSet: LimitSet.objects.create(version=900, note="A try"),
        Analytics: Analytics.objects.create(pk=ANALYTICS_ID, rolled_at=timezone.now(), counted_at=timezone.now()),
        Job: start_backfill(Badge.objects.get(name="Helper"), quiet=True, actor=learner, at=timezone.now()),
        LearningSession: session,
        Completion: completion,
        Level: level,
        Metric: MetricFactory(reported_by="learner"),
        Question: Question.objects.create(
            question_id="wilds-q1", level=level, kind="true_false", prompt="Do owls sleep by day?", answer=True
        ),
        Section: section,
        Unit: Unit.objects.create(unit_id="wilds-1", section=section, title="First steps"),
    }


def make_person(role):
    if role == "anonymous":
        return Person(role)
    user = UserFactory(username=role, email=f"{role}@example.test", **rights_of(role))
    if role in GROUP_OF:
        user.groups.add(Group.objects.get(name=GROUP_OF[role]))
    if role != "learner":  # who gets a streak from a completion
        check_in(user.pk, at=timezone.now() - timedelta(days=1))  # gives a streak that a freeze can protect
    person = Person(role, user, open_session(user=user, at=timezone.now()), cookie_of(user))
    return INVALIDATIONS.get(role, lambda valid: valid)(person)


def make_keys(learner):
    """Keys with one scope each, which act for the learner; and one with every scope, for a test learner."""
    User.objects.filter(pk=learner.pk).update(external_id="pupil-1")
    dummy = UserFactory(external_id="a-test-learner", profile__kind=LearnerKind.TEST, profile__listed=False)
    check_in(dummy.pk, at=timezone.now() - timedelta(days=1))
    whose = {role: (learner, {"scopes": [role.removeprefix("key_")]}) for role in KEY_ROLES}
    whose["key_test"] = dummy, {"mode": "test"}
    keys = {role: Person(role, user, key=make_key(name=role, **key)[1]) for role, (user, key) in whose.items()}
    ServerKey.objects.update(last_used_at=timezone.now())  # so that no request notes it
    return keys


def rights_of(role):
    if role in {"learner", "other"}:
        return {}
    return {"is_staff": True} if role == "staff" or role in GROUP_OF else ALL_RIGHTS


def cookie_of(user):
    browser = Client()
    browser.force_login(user)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def deactivated(person):
    User.objects.filter(pk=person.user.pk).update(is_active=False)
    return person


def expired(person):
    BrowserSession.objects.filter(pk=person.cookie).update(expire_date=timezone.now() - timedelta(seconds=1))
    long_ago = timezone.now() - settings.ACCESS_TOKEN_LIFETIME - timedelta(seconds=1)
    pair = tokens.issue_pair(AuthSession.objects.get(user=person.user), at=long_ago)
    return Person(person.role, person.user, pair, person.cookie)


def signed_out_everywhere(person):
    end_sessions(user=person.user, at=timezone.now())
    return person


INVALIDATIONS = {"inactive": deactivated, "expired": expired, "revoked": signed_out_everywhere}

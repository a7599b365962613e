"""Rows with every text that people or staff can store."""

from datetime import UTC, datetime, timedelta

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from analytics.models import ActivePeriod, Analytics, FreezeDay, StalePeriod, XPDay
from approvals.models import ApprovalRequest
from change_history.context import because
from exchange.models import FileImport, ImportRow
from gamification.models import (
    Achievement,
    ActivityDay,
    Amnesty,
    AmnestyPreview,
    AppliedAmnesty,
    Badge,
    BadgeAward,
    BoardPolicy,
    BoardStanding,
    DayRepair,
    DayUsage,
    FirstTime,
    FreezeEvent,
    HolderCounts,
    LearnerProfile,
    LedgerEntry,
    LimitSet,
    Metric,
    PreviewedLearner,
    Requirement,
    StandingChange,
    TimeZoneChange,
    Unlock,
    WindowRefresh,
    WindowScore,
    XPRuleSet,
    default_rules,
)
from gamification.staff.approvals import request_adjustment
from gamification.staff.awards import award_badge
from gamification.staff.backfill_jobs import start_backfill
from gamification.staff.standings import set_board_standing
from jobs.models import Job
from levels.models import Level, LevelChange, Question, Section, Unit
from skillquest.accounts.guests.models import GuestDevice
from skillquest.accounts.models import AuthSession, BrowserSession, User
from skillquest.machines.models import ClaimLink, ErasedExternalId, ServerKey
from tests.factories import LevelFactory, MetricFactory, UserFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory, metric
from tests.machines.keys import make_key
from tracking.models import (
    CheckIn,
    Completion,
    IdempotencyKey,
    LearningSession,
    MetricEvent,
    Play,
    PlayQuestion,
    Recalculation,
    Review,
    RuleTrial,
    TriedLearner,
    TriedPart,
)
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, start_session

from . import routes

HARMLESS = "harmless text"
OURS = {"accounts", "tracking", "gamification", "levels", "jobs", "approvals", "machines", "exchange", "analytics"}
# Texts that are stored without validation, to test how they are shown. A function makes the stored value of a text.
TEXTS = {
    User: {"username": None, "email": None, "display_name": None, "external_id": None},
    ServerKey: {"name": None},
    Level: {
        **dict.fromkeys(["name", "description", "category", "unit", "estimated_time"]),
        "icon": lambda text: f"bi-{text}"[:50],
        **dict.fromkeys(["skills", "tags"], lambda text: [text]),
        "metadata": lambda text: {"note": text, text: text},
        "translations": lambda text: {"id": {"name": text, "description": text, "skills": [text]}},
    },
    Question: {
        **dict.fromkeys(["prompt", "hint", "explanation", "skill", "answer"]),
        **dict.fromkeys(["choices", "accept"], lambda text: [text, HARMLESS]),
        "translations": lambda text: {"id": {"prompt": text, "choices": [text, HARMLESS]}},
    },
    Section: {"section_id": None, "title": None, "translations": lambda text: {"id": {"title": text}}},
    Unit: {"unit_id": None, "title": None, "translations": lambda text: {"id": {"title": text}}},
    Completion: {"category": None, "metadata": lambda text: {"client_version": text}},
    LedgerEntry: {
        **dict.fromkeys(["note", "subject"]),
        "metadata": lambda text: {"breakdown": [{"factor": text, "value": 10}]},
    },
    LimitSet: {"note": None},
    XPRuleSet: {"note": None, "rules": lambda text: {**default_rules(), "titles": [[1, text]]}},
    Metric: dict.fromkeys(["name", "unit"]),
    Achievement: {
        **dict.fromkeys(["name", "description", "category"]),
        "icon": lambda text: f"bi-{text}"[:50],
        "translations": lambda text: {"id": {"name": text, "description": text}},
    },
    Badge: {
        **dict.fromkeys(["name", "description", "icon_url"]),
        "translations": lambda text: {"id": {"name": text, "description": text}},
    },
    BadgeAward: {"note": None, "metadata": lambda text: {"note": text, text: text}},
    Amnesty: {"reason": None},
    Job: {**dict.fromkeys(["note", "error"]), "params": lambda text: {"name": text, "quiet": True}},
    ApprovalRequest: dict.fromkeys(["reason", "note", "summary", "decision_note"]),
    **dict.fromkeys([StandingChange, DayRepair], dict.fromkeys(["reason", "note"])),
    FileImport: dict.fromkeys(["file_name", "message"]),
    ImportRow: {"key": None, "faults": lambda text: [[text, text]], "changes": lambda text: {"name": [text, [text]]}},
}
NOT_CHOSEN = {
    # A hash; a choice; made of the address and of the name, shown nowhere.
    User: "password language email_normal_form display_name_skeleton",
    Level: "level_id kind xp_rule repeat_policy difficulty language",  # a slug, by a constraint; the rest are choices
    Question: "question_id kind language",  # a slug; choices
    **dict.fromkeys([Section, Unit], "language"),  # a choice
    LevelChange: "metadata prerequisites",  # what a level had before; shown nowhere
    # Choices; written by the server; by the names of metrics.
    Completion: (
        "level_type claimed_difficulty difficulty source trust reason held_reason answer counted metrics server_key"
    ),
    CheckIn: "trust answer server_key",
    Play: "seed",  # made by the server
    PlayQuestion: "answer",  # what the learner answered; shown to nobody else
    Review: "answer response",  # what the learner typed, and its judgement; shown to nobody else
    MetricEvent: "source trust answer server_key",
    Metric: "metric_id xp_per_unit reported_by",  # a slug; a number; a choice
    ServerKey: "prefix secret_hash scopes mode networks",  # made by the server; choices; addresses of networks
    ClaimLink: "token_hash",
    ErasedExternalId: "fingerprint",
    GuestDevice: "device_hash",
    LearningSession: "status",
    LedgerEntry: "reason reference_type reference_id trust",  # made by the server
    StandingChange: "standing",
    DayRepair: "kind",
    BoardPolicy: "metric trust",  # of the boards that there are; a choice
    # A zone; by the names of metrics; choices.
    LearnerProfile: "time_zone counters verified_counters board_standing kind",
    XPRuleSet: "status",
    LimitSet: "status limits",  # a choice; numbers
    DayUsage: "by_hour by_day",  # numbers
    AuthSession: "password_stamp",
    BrowserSession: "session_key session_data",
    IdempotencyKey: "key fingerprint content_type language",  # shown nowhere
    # A slug; choices; of known names (and see the test of conditions).
    Achievement: "achievement_id rarity condition language",
    Badge: "condition language",  # likewise
    **dict.fromkeys([Unlock, BadgeAward], "condition"),  # likewise
    Requirement: "metric",  # out of a condition; shown nowhere
    FirstTime: "metric value",  # shown nowhere: only counted
    HolderCounts: "holders",  # achievement -> number, counted by the server
    Job: "kind state cursor",
    AmnestyPreview: "reason cursor figures",  # see the tests of amnesties; numbers
    AppliedAmnesty: "days returned frozen state behind",  # dates; hashes
    PreviewedLearner: "days returned",  # dates
    ApprovalRequest: "kind status subject fingerprint payload result",  # made by the server; shown as sentences
    ActivityDay: "kind",
    FreezeEvent: "kind",
    TimeZoneChange: "before time_zone",  # of the list of zones
    WindowScore: "metric",  # of the boards that there are
    WindowRefresh: "metric",
    RuleTrial: "purpose rules fingerprint figures",  # a choice; made by the server
    TriedPart: "source",  # a choice
    Recalculation: "left_out",  # ids
    FileImport: "kind state ending fingerprint counts reason",  # made by the server
    ImportRow: "cells unreadable verdict",  # shown as changes and faults; a choice
    Analytics: "seen player_levels longest_streaks joined holders",  # numbers by numbers and dates
    **dict.fromkeys([StalePeriod, ActivePeriod, FreezeDay], "kind"),
    XPDay: "reason trust",  # made by the server
}


def holds_text(field):
    return isinstance(field, models.CharField | models.TextField | models.JSONField)


def store(row, text):
    """Store the text in all text fields of the row, cut to the length of the field."""
    values = {}
    for name, into_json in TEXTS[type(row)].items():
        limit = row._meta.get_field(name).max_length
        values[name] = into_json(text) if into_json else text[:limit]
    type(row)._base_manager.filter(pk=row.pk).update(**values)
    row.refresh_from_db()
    return row


class LearnerWithTexts:
    """A learner and one row of each model with texts, which the pages of the learner show."""

    def __init__(self, number, staff):
        self.staff, at = staff, timezone.now()
        self.learner, self.level = UserFactory(), LevelFactory()
        self.achievement = AchievementFactory(condition=metric("levels_completed", 1), xp_reward=5)
        complete_level(learner=self.learner, claim=Claim(self.level.level_id, 900), source="api", at=at)
        # So that the next learner does not earn it too.
        Achievement.objects.filter(pk=self.achievement.pk).update(published=False)
        # All totals differ, so that leaderboards show who is ahead.
        adjust(learner_id=self.learner.pk, amount=10 + number, reason=HARMLESS, note=HARMLESS, actor=staff, at=at)
        session, _ = start_session(learner=self.learner, level=self.level.level_id, resume=False, at=at)
        badge = BadgeFactory()
        award_badge(learner_id=self.learner.pk, badge=badge, actor=staff, note=HARMLESS, at=at)
        adjustment = {"amount": 5, "reason": HARMLESS, "note": HARMLESS, "reference_id": HARMLESS}
        request = request_adjustment(learner_id=self.learner.pk, actor=UserFactory(is_staff=True), at=at, **adjustment)
        standing = set_board_standing(
            learner_id=self.learner.pk,
            standing=BoardStanding.RANKED,
            until=None,
            reason=HARMLESS,
            note=HARMLESS,
            actor=staff,
            at=at,
        )
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        times = {"starts_at": long_ago, "ends_at": long_ago + timedelta(hours=1), "created_at": at}
        section = Section.objects.create(section_id=f"s{number}")
        self.texts = [
            self.learner,
            self.level,
            Question.objects.create(question_id=f"q{number}", level=self.level, kind="single_choice", answer=HARMLESS),
            section,
            Unit.objects.create(unit_id=f"u{number}", section=section),
            XPRuleSet.objects.create(version=1000 + number),
            LimitSet.objects.create(version=1000 + number),
            MetricFactory(metric_id=f"metric_{number}"),
            Completion.objects.get(learner=self.learner),
            self.achievement,
            badge,
            BadgeAward.objects.get(learner=self.learner),
            Amnesty.objects.create(number=1 + number, reason=HARMLESS, created_by=staff, **times),
            request,
            make_key(name=f"Server {number}")[0],
            start_backfill(badge, quiet=True, actor=staff, at=at),
            standing,
            repair_of(self.learner, staff, at),
            *LedgerEntry.objects.filter(learner=self.learner),
        ]
        trial = trial_of(self.learner, self.level, staff, at)
        self.group = Group.objects.create(name=f"group {number}")
        self.rows = [
            *self.texts,
            trial,
            session,
            BoardPolicy.objects.create(metric=f"board {number}"),
            self.learner.profile,
            self.group,
            Unlock.objects.get(learner=self.learner),
            ActivityDay.objects.filter(learner=self.learner).latest("date"),
            FreezeEvent.objects.create(learner=self.learner, kind="granted", delta=1, date=at.date(), created_at=at),
            TimeZoneChange.objects.create(learner=self.learner, before="UTC", time_zone="UTC", effective_from=at),
        ]

    def fill(self, text):
        for row in self.texts:
            store(row, text)
        Group.objects.filter(pk=self.group.pk).update(name=text)
        for row in self.rows:
            note_in_admin(row, text, self.staff)
            record_change(row, text)

    def pages(self, model):
        """The admin page of the last row of the model."""
        rows = [row for row in self.rows if type(row) is model]
        # The first page of a learner has a chart, with as many lines as its numbers need.
        page = "xp" if model is LearnerProfile else "change"
        return [f"{routes.model_paths(model)}{row.pk}/{page}/" for row in rows[-1:]]


def repair_of(learner, staff, at):
    what = {"kind": DayRepair.Kind.REPAIRED, "date": at.date(), "reason": HARMLESS, "note": HARMLESS}
    return DayRepair.objects.create(learner=learner, actor=staff, created_at=at, **what)


def trial_of(learner, level, staff, at):
    """Its page names the learner and the level."""
    draft = XPRuleSet.objects.order_by("version").last()
    sums = ["learners", "results", "moved", "changed", "now_xp", "tried_xp", "gain", "lose", "gained_xp", "lost_xp"]
    figures = {**dict.fromkeys([*sums, "up", "down"], 1), "percentiles": []}
    tried = {"rule_set": draft, "version": draft.version, "rules": draft.rules, "in_force": 1, "figures": figures}
    params = {"version": draft.version, "days": None}
    job = Job.objects.create(kind="try_rules", params=params, state="done", created_at=at, heartbeat=at)
    trial = RuleTrial.objects.create(purpose="draft", job=job, until=at, created_by=staff, created_at=at, **tried)
    TriedLearner.objects.create(trial=trial, learner=learner, results=1, difference=5)
    TriedPart.objects.create(trial=trial, source="level_completion", level=level, results=1, tried_xp=5)
    return trial


def note_in_admin(row, text, staff):
    """Write an entry of the admin's history."""
    LogEntry.objects.create(
        user=staff,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=text,
        action_flag=CHANGE,
        change_message=text,
    )


def record_change(row, text):
    """Add a change to the history of the row, if its model has one."""
    if history := getattr(type(row), "_change_history", None):
        with because(text):
            history.write(row, "~", {"name": [text, [text]], text: [{text: text}, text]})

"""Everything about me, and about nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from approvals.models import ApprovalRequest
from change_history.records import RecordedChange
from gamification.models import (
    Amnesty,
    AmnestyPreview,
    AppliedAmnesty,
    BadgeAward,
    DayRepair,
    LedgerEntry,
    PreviewedLearner,
    StandingChange,
)
from skillquest.accounts.exporting import ACCOUNT, PARTS, PROFILE
from skillquest.accounts.models import User
from skillquest.machines.models import ServerKey
from tests.accounts.api_calls import NOT_SIGNED_IN, call, problem
from tests.accounts.personal_data import MARK, UserVersion, make_person
from tracking.models import Completion, Play, PlayQuestion

pytestmark = pytest.mark.django_db

# What a person did as staff, with rows that are about others.
AS_STAFF = {
    (LedgerEntry, "actor"),
    (ApprovalRequest, "requested_by"),
    (ApprovalRequest, "decided_by"),
    (StandingChange, "actor"),
    (DayRepair, "actor"),
    (BadgeAward, "actor"),
    (BadgeAward, "revoked_by"),
    (Amnesty, "created_by"),
    (AmnestyPreview, "created_by"),
    (AppliedAmnesty, "learner"),  # which of the exported days it has pardoned
    (PreviewedLearner, "learner"),  # what exported days would become
    (apps.get_model("jobs.Job"), "created_by"),
    (apps.get_model("exchange.FileImport"), "created_by"),
    (apps.get_model("jobs.Job"), "learner"),  # what it does to them is exported: ledger entries and completions
    (apps.get_model("tracking.RuleTrial"), "created_by"),
    (apps.get_model("tracking.Recalculation"), "started_by"),
    (apps.get_model("tracking.TriedLearner"), "learner"),  # what exported completions would pay by other rules
    (apps.get_model("accounts.GuestLink"), "guest"),  # who has an account by now, which exports it
    (apps.get_model("levels.Level"), "created_by"),
    (ServerKey, "created_by"),
    (ServerKey.history.model, "created_by"),
    (apps.get_model("moving.StaleTotals"), "learner"),  # that totals are to be derived: a mark for minutes
    (apps.get_model("admin.LogEntry"), "user"),
    *((model, "history_user") for model in apps.get_models() if issubclass(model, RecordedChange)),
}
# What staff changed in this person's account: by its key, which is no foreign key.
VERSIONS = {(UserVersion, "id")}
# Through the session that they belong to.
OF_SESSIONS = {(Play, "session__learner"), (PlayQuestion, "play__session__learner")}
# Exported by name within `account`.
RIGHTS = {(User.groups.through, "user"), (User.user_permissions.through, "user")}
# What is not exported, and why.
NOT_EXPORTED = {
    # A secret; a counter; the address and the name once more.
    User: "password sign_in_generation email_normal_form display_name_skeleton",
    LedgerEntry: "actor",  # a colleague
    ApprovalRequest: "fingerprint note requested_by decided_by decision_note",  # for colleagues, and who they are
    StandingChange: "note actor",  # the same
    DayRepair: "note actor",  # the same
    BadgeAward: "note actor revoked_by",  # the same
    UserVersion: "history_user history_change_reason",  # the same
    apps.get_model("accounts.AuthSession"): "refresh_id previous_refresh_id password_stamp",  # secrets
    apps.get_model("accounts.BrowserSession"): "session_key session_data",  # secrets
    apps.get_model("machines.ClaimLink"): "token_hash",  # a secret
    apps.get_model("accounts.GuestDevice"): "device_hash",  # a secret
    apps.get_model("tracking.IdempotencyKey"): "fingerprint body",  # a hash, and a copy of what stands elsewhere
}


def ways_to_a_person():
    return {
        (model, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.concrete and field.related_model is User and not field.many_to_many
    }


def test_every_row_that_leads_to_a_person_is_exported_or_is_about_somebody_else():
    exported_rows = {(part.model, part.owner) for part in [*PARTS.values(), PROFILE]}
    assert ways_to_a_person() | VERSIONS | OF_SESSIONS == exported_rows | AS_STAFF | RIGHTS


def test_every_column_is_exported_or_it_is_known_why_not():
    for part in [*PARTS.values(), PROFILE, ACCOUNT]:
        assert set(part.without) == set(NOT_EXPORTED.get(part.model, "").split()), part.model


@pytest.fixture
def person():
    return make_person()


@pytest.fixture
def exported(person, sign_in):
    answer = sign_in(person).get("/api/v1/auth/me/export")
    assert answer.status_code == 200
    return answer.json()


def test_no_part_of_the_export_of_an_active_person_is_empty(exported):
    assert set(exported) == {"success", "exported_at", "account", "profile", *PARTS}
    assert [name for name, rows in exported.items() if not rows] == []


def test_the_export_has_the_whole_account(exported, person):
    person.refresh_from_db()
    assert exported["account"] == {
        "id": person.pk,
        "username": MARK,
        "email": f"{MARK}@example.test",
        "external_id": f"pupil-{MARK}",
        "display_name": f"{MARK} of Athens",
        "language": "en",
        "date_joined": as_json(person.date_joined),
        "last_login": as_json(person.last_login),
        "is_active": True,
        "is_staff": False,
        "is_superuser": False,
        "groups": [],
        "permissions": [],
    }


def as_json(moment):
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def test_every_row_is_there_and_nobody_elses(exported, person):
    other = make_person("Hipparchia")
    for name, part in PARTS.items():
        mine = part.model._base_manager.filter(**{part.owner: person.pk})
        assert len(exported[name]) == mine.count(), name
    assert "Hipparchia" not in str(exported)
    assert str(other.email) not in str(exported)


def test_lines_add_up_and_say_what_the_learner_may_read(exported):
    lines = exported["ledger"]
    assert sum(line["delta"] for line in lines) == exported["profile"]["total_xp"] == lines[-1]["balance_after"]
    gift = next(line for line in lines if line["reason"] == "manual_adjustment")
    assert gift["note"] == f"For {MARK}"


def test_levels_and_achievements_are_named_in_the_export(exported, person):
    level = Completion.objects.get(learner=person).level
    assert exported["completions"][0]["level"] == exported["sessions"][0]["level"] == level.level_id
    assert exported["badges"][0]["badge"] == BadgeAward.objects.get(learner=person).badge.name
    assert exported["achievements"][0]["achievement"].startswith("achievement")


def test_the_export_names_no_colleague_and_has_no_secret(exported, person):
    staff = User.objects.filter(is_staff=True)
    text = str(exported)
    assert [user.username for user in staff if user.username in text or user.email in text] == []
    assert "fell ill" not in text
    for secret in (person.password, *person.browser_sessions.values_list("session_key", flat=True)):
        assert secret not in text


def test_it_comes_as_a_file_that_no_cache_keeps(learner_api):
    answer = learner_api.get("/api/v1/auth/me/export")
    assert answer["Content-Disposition"] == 'attachment; filename="skillquest.json"'
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"


def test_the_export_is_sent_to_a_signed_in_browser(client, learner):
    client.force_login(learner)
    assert client.get("/api/v1/auth/me/export").json()["account"]["username"] == learner.username


def test_anonymous_visitors_get_no_export():
    answer = call("GET", "me/export")
    assert (answer.status_code, problem(answer)) == (401, NOT_SIGNED_IN)


def test_somebody_without_a_profile_has_an_account(sign_in, staff):
    staff.profile.delete()
    assert sign_in(staff).get("/api/v1/auth/me/export").json()["profile"] is None


def test_as_many_statements_for_a_long_history_as_for_a_short_one(sign_in, person, django_assert_num_queries):
    client, parts = sign_in(person), len(PARTS) + 5  # the session, account, groups, permissions, profile
    with django_assert_num_queries(parts):
        client.get("/api/v1/auth/me/export")
    first = Completion.objects.get(learner=person)
    for number in range(30):
        first.pk, first.client_event_id, first.created_at = None, None, timezone.now() - timedelta(days=number)
        first.save()
    with django_assert_num_queries(parts):
        assert len(client.get("/api/v1/auth/me/export").json()["completions"]) == 31


def test_exports_are_allowed_three_times_a_day(learner_api, settings):
    settings.RATELIMIT_ENABLE = True
    answers = [learner_api.get("/api/v1/auth/me/export") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer["RateLimit-Policy"] for answer in answers] == ['"export";q=3;w=86400'] * 4
    assert 0 < int(answers[3]["Retry-After"]) <= 86_400


def test_the_export_says_when_it_was_made(exported):
    assert datetime.fromisoformat(exported["exported_at"]) <= timezone.now()

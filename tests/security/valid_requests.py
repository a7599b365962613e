"""Valid values for the path parameters and body of each endpoint, so that only permissions decide about a request.

A new endpoint of the API needs an entry here; the values of admin forms are read from their pages. A value that depends
on a row is a function of the `World`.
"""

import re
from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from gamification.models import Achievement, Amnesty, AmnestyPreview, Badge, LedgerEntry, Metric, XPRuleSet
from levels.importing import plan_import
from levels.models import Level, Section
from levels.questions.gift_reading import read_gift
from skillquest.accounts.models import User
from skillquest.accounts.resets import token_for
from tests.factories import PASSWORD
from tracking.models import Completion, Recalculation, RuleTrial
from tracking.staff.reverse_since import Choice, plan_reversal_since

from . import routes

NEW_PASSWORD = "a quite different horse"


def reset_token(world):
    return token_for(User.objects.get(pk=world.learner.user.pk))


def shown_plan(world):
    """What the button of the page sends that reverses all results of the learner."""
    until = timezone.now().isoformat()
    plan = plan_reversal_since(Choice(world.learner.user.pk, until=until, trust="reported"))
    return f"{len(plan.lines)} {plan.xp}"


def repair_of(day_ago):
    """What the button sends that repairs the day that is so many days ago."""

    def day(_world):
        return str(timezone.now().date() - timedelta(days=day_ago))

    return {"date": day, "reason": "No network", "note": "Ticket 7", "_apply": day}


# The value of a path parameter, by the name of the parameter or by the path.
NEW_QUESTION = "Is it new?{T}"
PATH_VALUES = {
    "/api/v1/levels/{id}": lambda world: world.spare_level.level_id,
    "/api/v1/levels/{id}/play": lambda world: world.open_play.level.level_id,
    "{session_id}": lambda world: world.open_play.pk,
    "/levels/{level_id}": lambda world: world.level.level_id,
    "/levels/{level_id}/play": lambda world: world.level.level_id,
    "/levels/{level_id}/preview": lambda world: world.level.level_id,
    "/levels/{level_id}/preview/play": lambda world: world.level.level_id,
    **{
        f"/levels/{{level_id}}/play/{step}": lambda world: world.level.level_id
        for step in ("start", "hint", "answer", "finish")
    },
    "/admin/{app_label}/": "levels",
    "{app}": "levels",
    "{model}": "level",
    "{columns}": "list",
    "{ending}": "csv",
    "/admin/analytics/analytics/{name}.csv": "funnel",
    "{anything}": "nowhere",
    "/admin/gamification/adjustmentrequest/{rest}": "",
    "{url}": "nowhere",
    "/admin/tracking/ruletrial/{trial_id}/recalculate/": lambda world: world.rows[RuleTrial].pk,
    "/admin/tracking/ruletrial/{trial_id}/{table}.csv": lambda world: world.rows[RuleTrial].pk,
    "/admin/tracking/ruletrial/{trial_id}/undo/": lambda world: world.rows[Recalculation].trial_id,
    "{preview_id}": lambda world: world.rows[AmnestyPreview].pk,
    "{amnesty_id}": lambda world: world.rows[Amnesty].pk,
    "{rule_set_id}": lambda world: world.rows[XPRuleSet].pk,
    "{table}": "learners",
    "{content_type_id}": lambda _world: ContentType.objects.get_for_model(Level).pk,
    "/admin/r/{content_type_id}/{object_id}/": lambda world: world.spare_level.pk,
    "/icons/{name}.svg": "bi-zoom-in",
    "/paths/{name}": lambda world: world.level.category,
    "/claim/{token}": "nothing",
    "{token}": reset_token,
    "{external_id}": "pupil-1",
    "{learner_id}": lambda world: world.learner.user.pk,
    "{metric}": "xp_all_time",
    "{metric_id}": lambda world: world.row_of(Metric).metric_id,
    "/api/v1/gamification/explain/xp/{id}": lambda world: world.row_of(LedgerEntry).pk,
    "/api/v1/gamification/explain/level/{id}": lambda world: world.spare_level.level_id,
    "/api/v1/gamification/explain/achievement/{id}": lambda world: world.row_of(Achievement).achievement_id,
    "/api/v1/gamification/explain/review/{id}": "known-question",
    "/api/v1/challenges/{id}": lambda world: world.challenge.pk,
    "/api/v1/attempts/{id}": lambda world: world.open_attempt.pk,
    "/api/v1/attempts/{id}/submit": lambda world: world.open_attempt.pk,
    "{category}": lambda world: world.training.category,
    "/api/v1/badges/{id}": lambda world: world.row_of(Badge).pk,
}

EVENT_ID = "0b9f4a52-9d0e-4a0f-8a6b-2f9f6a1f7f10"


def result(world):
    return {"level_id": world.level.level_id, "score": 900}


BODIES = {
    "auth/register": {"username": "newcomer", "email": "new@example.test", "password": NEW_PASSWORD},
    "auth/login": {"username": "learner", "password": PASSWORD},
    "auth/refresh": lambda world: {"refresh_token": world.learner.tokens.refresh_token},
    "auth/logout": lambda world: {"refresh_token": world.learner.tokens.refresh_token},
    "auth/guest": {"device_id": EVENT_ID},
    "auth/link": {"identifier": "other", "password": PASSWORD},
    "auth/password": {"old_password": PASSWORD, "new_password": NEW_PASSWORD},
    "auth/password/reset": {"email": "learner@example.test"},
    "auth/password/reset/confirm": lambda world: {
        "token": reset_token(world),
        "new_password": NEW_PASSWORD,
    },
    "auth/me": {"display_name": "Somebody else"},
    "DELETE auth/me": {"password": PASSWORD},
    "sessions/start": lambda world: {"level_id": world.spare_level.level_id},
    "sessions/end": lambda world: {"session_id": world.open_session.pk, "score": 85},
    "levels/complete": result,
    "plays/{session_id}/hint": {"question_id": "asked-1"},
    "plays/{session_id}/answer": {"question_id": "asked-1", "answer": True},
    "sync": lambda world: {"events": [{"type": "level_completion", "client_event_id": EVENT_ID, **result(world)}]},
    "events": {"events": [{"type": "check_in", "client_event_id": EVENT_ID, "learner": {"external_id": "pupil-1"}}]},
    "gamification/xp/award": lambda world: {
        "user_id": world.learner.user.pk,
        "xp_amount": 10,
        "reason": "Won the fair",
    },
    "badges": {"name": "Brand new"},
    "badges/{id}": {"name": "Renamed"},
    "challenges": {"title": "Brand new riddle"},
    "challenges/{id}": {"title": "Riddle no more"},
    "attempts": lambda world: {"challenge_id": world.challenge.pk},
    "attempts/{id}/submit": {"score": 90},
    "training/progress/submit": lambda world: {
        "score": 80,
        "level_id": world.training.number,
        "total_questions": 5,
        "correct_answers": 4,
    },
    "levels": {"level_id": "brand-new", "name": "Brand new", "category": "testing"},
    "levels/{id}": {"level_id": "spare", "name": "Spare no more", "category": "testing"},
    "learners/{external_id}": {"display_name": "Ana"},
    "learners/{external_id}/token": {"ttl": 900},
    "learners/{external_id}/claim-link": {},
    "review/answer": {"question_id": "known-question", "answer": True},
    "metrics/{metric_id}/events": {"value": 3, "client_event_id": "5f0e1a52-4d7c-4f0b-9c3e-2b1a6d8e7f10"},
}

# What a person would type into a form of a page; its initial values are read from the page.
FORM_VALUES = {
    "/sign-up": {"username": "newcomer", "email": "new@example.test", "password": NEW_PASSWORD},
    "/forgot-password": {"email": "learner@example.test"},
    "/new-password": {"new_password": NEW_PASSWORD},
    "/profile/password": {"old_password": PASSWORD, "new_password": NEW_PASSWORD},
    "/profile/erase": {"password": PASSWORD},
    "/sign-in": {"identifier": "learner", "password": PASSWORD},
    "/admin/login/": {"username": "superuser", "password": PASSWORD},
    "/admin/password_change/": {
        "old_password": PASSWORD,
        "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD,
    },
    "/admin/auth/group/add/": {"name": "Newcomers"},
    "/admin/accounts/user/add/": {
        "username": "newcomer",
        "email": "new@example.test",
        "usable_password": "true",
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD,
    },
    "/admin/accounts/user/{pk}/erase/": {"username": "learner"},
    "/admin/accounts/user/{id}/password/": {
        "usable_password": "true",
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD,
    },
    "/admin/gamification/learnerprofile/{learner_id}/adjust/": {
        "amount": 10,
        "reason": "Prize",
        "note": "Won the fair.",
        "_apply": "10",
    },
    "/admin/gamification/learnerprofile/{learner_id}/standing/": {
        "standing": "under_review",
        "reason": "Unusual results",
        "note": "Seen by two colleagues.",
    },
    "/admin/gamification/learnerprofile/{learner_id}/freeze/": repair_of(9),
    "/admin/gamification/learnerprofile/{learner_id}/repair/": repair_of(8),
    "/admin/gamification/learnerprofile/{learner_id}/reverse/": {
        "trust": "reported",
        "reason": "Not theirs",
        "note": "Seen by two colleagues.",
        "_apply": shown_plan,
    },
    "/admin/tracking/ruletrial/of/{rule_set_id}/": {"days": "7"},
    "/admin/tracking/ruletrial/{trial_id}/recalculate/": {"reason": "New rules", "note": "Agreed on Friday."},
    "/admin/tracking/ruletrial/{trial_id}/undo/": {"reason": "Wrong rules", "note": "Noticed on Monday."},
    "/admin/tracking/completion/held/decide/": {
        "ids": lambda world: str(world.rows[Completion].pk),
        "act": "refuse",
        "note": "Seen by two colleagues.",
    },
    "/admin/gamification/ledgerentry/{entry_id}/reverse/": {"reason": "Not theirs", "note": "Seen by two colleagues."},
    "/admin/approvals/approvalrequest/{request_id}/decide/": {"_approve": "1"},
    "/admin/gamification/achievement/add/": {
        "name": "Brand new",
        "achievement_id": "brand-new",
        "category": "testing",
        "condition": '{"type": "xp", "threshold": 100000000}',  # which nobody has: the form asks who gets it
    },
    "/admin/gamification/achievement/{pk}/backfill/": {"announce": "quiet"},
    "/admin/gamification/badge/add/": {"name": "Brand new"},
    "/admin/gamification/badge/{pk}/backfill/": {"announce": "quiet"},
    "/admin/gamification/badge/{pk}/by-hand/": {"learner": "other", "action": "award", "note": "Helped."},
    "/admin/gamification/unlock/{pk}/revoke/": {"reason": "A mistake", "note": "Seen by two colleagues."},
    "/admin/gamification/amnesty/add/": {
        "starts_at_0": "2026-01-01",
        "starts_at_1": "10:00",
        "ends_at_0": "2026-01-01",
        "ends_at_1": "12:00",
        "reason": "A storm",
    },
    "/admin/gamification/amnesty/{amnesty_id}/undo/": {"note": "The wrong week"},
    "/admin/gamification/metric/add/": {
        "metric_id": "brand_new",
        "name": "Brand new",
        "reported_by": "key",
        "per_event_max": 10,
        "per_day_max": 100,  # without a limit, a second person would have to approve it
        "xp_per_unit": "1",
    },
    "/admin/gamification/xpruleset/add/": {"version": 901, "note": "Another try"},
    "/admin/gamification/limitset/add/": {"version": 901, "note": "Another try"},
    "/admin/machines/serverkey/add/": {"name": "Brand new", "scopes": ["read"], "mode": "live"},
    "/admin/machines/serverkey/{pk}/rotate/": {"hours": 1},
    "/admin/levels/level/add/": {"level_id": "brand-new", "name": "Brand new", "category": "testing"},
    "/admin/levels/question/add/": {
        "question_id": "brand-new",
        "level": lambda world: world.row_of(Level).pk,
        "kind": "true_false",
        "prompt": "Is it new?",
        "answer_lines": "true",
    },
    "/admin/levels/question/import/": {
        "level": lambda world: world.row_of(Level).pk,
        "format": "gift",
        "text": NEW_QUESTION,
        "_apply": lambda world: plan_import(world.row_of(Level), read_gift(NEW_QUESTION)).fingerprint,
    },
    "/admin/levels/section/add/": {"section_id": "brand-new", "title": "Brand new"},
    "/admin/levels/unit/add/": {
        "unit_id": "brand-new",
        "title": "Brand new",
        "section": lambda world: world.row_of(Section).pk,
    },
}


def address(path, world):
    """The path with its parameters replaced by ids of existing rows."""
    return re.sub(r"{\w+}", lambda found: str(value_of(path, found[0], world)), path)


def value_of(path, name, world):
    value = PATH_VALUES.get(name, PATH_VALUES.get(path))
    if value is not None:
        return resolve(value, world)
    for folder, model in routes.registered_models().items():
        if path.startswith(folder):
            return import_at(path, world).pk if name == "{import_id}" else world.row_of(model).pk
    raise LookupError(f"Add a value for {name} in {path} to PATH_VALUES in tests/security/valid_requests.py.")


def import_at(path, world):
    return world.imports[routes.registered_models()[path.partition("import/")[0]]]


def body_of(path, world, method=""):
    """A path with several methods that take a body has keys with the method in BODIES."""
    name = path.removeprefix(routes.API)
    return resolve(BODIES.get(f"{method} {name}", BODIES.get(name, {})), world)


def form_values(path, world):
    if path.endswith("/import/{import_id}/"):
        return {"_apply": import_at(path, world).fingerprint}
    return {name: resolve(value, world) for name, value in FORM_VALUES.get(path, {}).items()}


def resolve(value, world):
    return value(world) if callable(value) else value

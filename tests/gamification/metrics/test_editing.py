"""Making, changing and deleting metrics: in the admin and by catalogue files."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from gamification.conditions.schema import in_words, validate_condition
from gamification.metrics import delete_metric
from gamification.metrics.built_in import BUILT_IN
from gamification.models import Achievement, BoardPolicy, Metric
from tests.factories import MetricFactory, StaffFactory
from tests.gamification.earnables.factories import AchievementFactory, metric
from tests.tracking.metrics.reporting import record

pytestmark = pytest.mark.django_db

ADMIN = "/admin/gamification/metric/"
FORM = {
    "metric_id": "pages_read",
    "name": "Pages read",
    "unit": "pages",
    "reported_by": "learner",
    "per_event_max": "100",
    "per_day_max": "400",
    "xp_per_unit": "1/4",
    "published": "on",
}


def errors_of(**changes):
    row = MetricFactory.build(**changes)
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    return set(refused.value.message_dict)


def load(tmp_path, document):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(document))
    call_command("load_catalogue", str(path), verbosity=0)


@pytest.mark.parametrize("text", ["0", "1", "1/100", "3/2", "1000000"])
def test_xp_is_a_whole_number_or_a_fraction(text):
    MetricFactory.build(xp_per_unit=text, per_event_max=1).full_clean()


@pytest.mark.parametrize(
    "text", ["", "-1", "0.5", "1/0", "1/-2", "one", "1 / 2", "1/2/3", "١", "1e3", "99999999", "1\n"]
)
def test_other_xp_is_refused(text):
    assert errors_of(xp_per_unit=text) == {"xp_per_unit"}


def test_one_event_pays_at_most_what_a_ledger_entry_may_have():
    MetricFactory.build(xp_per_unit="1", per_event_max=1_000_000).full_clean()
    assert errors_of(xp_per_unit="2", per_event_max=1_000_000) == {"xp_per_unit"}


@pytest.mark.parametrize(
    "metric_id", ["", "Pages", "1st", "a__b", "a-", "_a", "pages read", "a/b", "a:b", "ä", "a" * 41, "pages\n"]
)
def test_an_id_that_clients_could_not_use_is_refused(metric_id):
    assert errors_of(metric_id=metric_id) == {"metric_id"}


@pytest.mark.parametrize(
    "metric_id", ["xp", "level", "me", "scenarios_completed", "completions", "mistakes", "language", "client_version"]
)
def test_an_id_that_means_something_else_is_refused(metric_id):
    assert errors_of(metric_id=metric_id) == {"metric_id"}


def test_the_database_keeps_custom_metrics_reportable():
    for broken in [{"reported_by": ""}, {"per_event_max": None}, {"per_event_max": 0}]:
        with pytest.raises(IntegrityError), transaction.atomic():
            MetricFactory(**broken)


def test_the_built_in_ones_are_rows():
    assert set(Metric.objects.filter(built_in=True).values_list("metric_id", flat=True)) == {row[0] for row in BUILT_IN}


def test_conditions_know_every_row_by_name_and_unit():
    condition = metric("pages_read", 100)
    with pytest.raises(ValidationError) as refused:
        validate_condition(condition)
    assert 'there is no metric "pages_read"' in refused.value.messages[0]
    MetricFactory()
    validate_condition(condition)
    assert in_words(condition) == "Pages read reaches 100 pages"


def test_staff_make_a_metric_and_its_board_has_a_policy(admin_client):
    assert admin_client.post(f"{ADMIN}add/", FORM).status_code == 302
    row = Metric.objects.get(metric_id="pages_read")
    assert (row.xp_per_unit, row.per_day_max, row.built_in) == ("1/4", 400, False)
    assert BoardPolicy.objects.get(pk="metric:pages_read").trust == "all"
    assert row.history.count() == 1


def test_the_id_cannot_be_changed(admin_client):
    row = MetricFactory()
    admin_client.post(f"{ADMIN}{row.pk}/change/", {**FORM, "metric_id": "laps", "name": "Pages"})
    row.refresh_from_db()
    assert (row.metric_id, row.name) == ("pages_read", "Pages")


def test_built_in_metrics_can_only_be_looked_at(admin_client):
    row = Metric.objects.get(metric_id="words_learned")
    assert admin_client.get(f"{ADMIN}{row.pk}/change/").status_code == 200
    assert admin_client.post(f"{ADMIN}{row.pk}/change/", FORM).status_code == 403
    admin_client.post(f"{ADMIN}{row.pk}/delete/", {"post": "yes"})
    assert Metric.objects.filter(pk=row.pk).exists()


def test_staff_without_the_right_make_none(client):
    client.force_login(StaffFactory(is_superuser=False))
    assert client.post(f"{ADMIN}add/", FORM).status_code == 403


def test_a_metric_that_a_condition_needs_is_not_deleted(admin_client):
    row = MetricFactory()
    AchievementFactory(name="Bookworm", condition={"any": [metric("xp", 5), metric("pages_read", 9)]})
    answer = admin_client.post(f"{ADMIN}{row.pk}/delete/", {"post": "yes"}, follow=True)
    assert "needed by the condition of Bookworm" in answer.content.decode()
    assert Metric.objects.filter(pk=row.pk).exists()


def test_a_metric_that_was_reported_is_not_deleted(learner):
    row = MetricFactory()
    record(learner, 5)
    with pytest.raises(ValidationError, match="has been reported"):
        delete_metric(row)


def test_an_unused_metric_is_deleted_with_the_policy_of_its_board(admin_client):
    admin_client.post(f"{ADMIN}add/", FORM)
    row = Metric.objects.get(metric_id="pages_read")
    assert admin_client.post(f"{ADMIN}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Metric.objects.filter(pk=row.pk).exists()
    assert not BoardPolicy.objects.filter(pk="metric:pages_read").exists()


def test_a_file_makes_metrics_and_achievements_that_need_them(tmp_path):
    document = {
        "achievements": [
            {
                "achievement_id": "reader",
                "name": "Reader",
                "category": "reading",
                "condition": {"type": "metric", "name": "pages_read", "threshold": 100},
            }
        ],
        "metrics": [{"metric_id": "pages_read", "name": "Pages read", "xp_per_unit": "1/4"}],
    }
    load(tmp_path, document)
    assert Metric.objects.values_list("name", "xp_per_unit", "reported_by").get(metric_id="pages_read") == (
        "Pages read",
        "1/4",
        "key",
    )
    assert Achievement.objects.get().requirements.get().metric == "pages_read"
    assert BoardPolicy.objects.filter(pk="metric:pages_read").exists()
    document["metrics"][0]["name"] = "Pages"
    load(tmp_path, document)
    assert Metric.objects.get(metric_id="pages_read").name == "Pages"


@pytest.mark.parametrize(
    "row",
    [
        {"metric_id": "words_learned", "name": "Words"},
        {"metric_id": "pages_read"},
        {"metric_id": "pages_read", "name": "Pages", "xp_per_unit": "a lot"},
        {"metric_id": "pages_read", "name": "Pages", "xp_per_unit": 1},
        {"metric_id": "pages_read", "name": "Pages", "reported_by": "anybody"},
        {"metric_id": "pages_read", "name": "Pages", "built_in": True},
    ],
)
def test_a_bad_row_of_a_file_is_refused(tmp_path, row):
    with pytest.raises(CommandError):
        load(tmp_path, {"metrics": [row]})
    assert not Metric.objects.filter(built_in=False).exists()


def test_my_metrics_have_my_totals(learner_api, learner):
    MetricFactory()
    MetricFactory(metric_id="hidden", published=False)
    record(learner, 12)
    metrics = {each["metric_id"]: each for each in learner_api.get("/api/v1/metrics/me").json()["metrics"]}
    assert metrics["pages_read"] == {
        "metric_id": "pages_read",
        "name": "Pages read",
        "unit": "pages",
        "total": 12,
        "reported_by": "learner",
        "per_event_max": 100,
        "per_day_max": None,
        "xp_per_unit": "1/4",
        "counts_as_activity": False,
    }
    assert (metrics["completions"]["total"], metrics["completions"]["reported_by"]) == (0, None)
    assert "hidden" not in metrics


def test_my_metrics_are_not_for_strangers(api):
    assert api.get("/api/v1/metrics/me").status_code == 401

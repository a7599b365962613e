"""`manage.py check` finds bad conditions in the files that we ship and, with --database, in the database."""

import json
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from gamification.earnables import catalogue
from gamification.models import Achievement, Badge, Requirement

from .factories import XP_1000, AchievementFactory, BadgeFactory, metric


def problems(**options):
    try:
        call_command("check", **options)
    except SystemCheckError as error:
        return [line for line in str(error).splitlines() if "gamification.E01" in line]
    return []


def test_the_shipped_files_pass_the_check():
    assert problems() == []


def test_a_bad_condition_in_a_shipped_file_is_reported(monkeypatch, tmp_path):
    row = {"name": "Lucky", "condition": metric("luck", 1)}
    (tmp_path / "badges.json").write_text(json.dumps({"badges": [row]}))
    monkeypatch.setattr(catalogue, "SHIPPED", tmp_path)
    (problem,) = problems()
    assert problem.startswith(
        '?: (gamification.E010) badges.json: Lucky: condition: Condition: there is no metric "luck". There are '
    )


@pytest.mark.django_db
def test_correct_stored_conditions_pass_the_check():
    AchievementFactory(condition={"all": [XP_1000, XP_1000]})
    BadgeFactory(condition=metric("scenarios_completed", 3))
    BadgeFactory()
    assert problems(databases=["default"]) == []


@pytest.mark.django_db
def test_a_bad_stored_condition_is_reported_with_the_reason():
    AchievementFactory(name="Broken")
    Achievement.objects.update(condition={"type": "xp", "threshold": "many"})
    BadgeFactory(name="Empty")
    Badge.objects.update(condition={})
    first, second = problems(databases=["default"])
    assert first == (
        '?: (gamification.E011) The achievement “Broken” cannot be earned. Condition: "threshold" must be a whole '
        "number from 1 to 9007199254740991."
    )
    assert second.startswith(
        '?: (gamification.E011) The badge “Empty” cannot be earned. Condition: "type" must be one of'
    )


@pytest.mark.django_db
def test_a_metric_removed_from_the_whitelist_is_reported(settings):
    AchievementFactory(name="Talker", condition=metric("conversations", 3))
    settings.COMPLETION_METADATA = {}
    (problem,) = [line for line in problems(databases=["default"]) if "E011" in line]
    assert "Talker" in problem
    assert 'there is no metric "conversations"' in problem


@pytest.mark.django_db
def test_requirements_that_differ_from_the_condition_are_reported():
    AchievementFactory(name="Changed")
    Achievement.objects.update(condition=metric("languages", 3))
    BadgeFactory(name="Bare", condition=XP_1000)
    Requirement.objects.filter(badge__isnull=False).delete()
    assert [problem.split(") ", 1)[1] for problem in problems(databases=["default"])] == [
        "The requirements of the achievement “Changed” differ from its condition.",
        "The requirements of the badge “Bare” differ from its condition.",
    ]


def test_all_checks_are_registered_after_django_setup():
    script = (
        "import django; django.setup(); from django.core.checks.registry import registry as r; print(r.get_checks())"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "check_protection" in output
    assert "check_stored_conditions" in output
    assert "check_shipped_files" in output

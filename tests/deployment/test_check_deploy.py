"""`check --deploy` fails for settings, people and files that no server for other people may have."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from skillquest.accounts.models import User
from skillquest.deployment.files import check_files
from skillquest.deployment.settings_checks import ERRORS, check_settings
from tests.factories import UserFactory

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "SECRET_KEY": "tests-only-a-key-that-protects-nothing-and-is-long-enough",
    "DATABASE_URL": "sqlite://:memory:",
    "REDIS_URL": "",
    "DEBUG": "0",
    "DEMO": "0",
    "RATELIMIT_ENABLE": "1",
    "SECURE_SSL_REDIRECT": "1",
    "ALLOWED_HOSTS": "play.example.org",
    "SITE_URL": "https://play.example.org",
    "EMAIL_URL": "smtp+tls://mail.example.org:587",
    "PATH": "/usr/bin:/bin",
}
# Every mistake at once, by the error that reports it.
BAD = {
    "skillquest.E001": {"DEMO": "1"},
    "skillquest.E002": {"RATELIMIT_ENABLE": "0"},
    "skillquest.E003": {"ALLOWED_HOSTS": "play.example.org, *"},
    "skillquest.E004": {"EMAIL_URL": ""},
    "skillquest.E005": {"SITE_URL": ""},
    "skillquest.E006": {"DEBUG": "1", "SECRET_KEY": ""},
}


def check_deploy(variables):
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=ROOT,
        env=GOOD | variables,
        capture_output=True,
        text=True,
    )


def test_a_good_environment_has_no_errors():
    process = check_deploy({})
    assert (process.returncode, process.stdout.startswith("System check identified no issues")) == (0, True)


def test_each_unsafe_setting_is_an_error_with_a_hint():
    process = check_deploy({name: value for mistake in BAD.values() for name, value in mistake.items()})
    assert process.returncode == 1
    assert [rule.id for rule in ERRORS] == list(BAD)
    for rule in ERRORS:
        assert f"?: ({rule.id}) {rule.message}\n\tHINT: {rule.hint}\n" in process.stderr


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "skillquest.E004"),
        ("SITE_URL", "http://127.0.0.1:8000", "skillquest.E005"),
        ("SITE_URL", "https://[::1]", "skillquest.E005"),
        ("TRUST_LIMITS", False, "skillquest.W002"),
        ("CORS_ALLOWED_ORIGINS", ["https://a.example", "http://game.example"], "skillquest.W003"),
    ],
)
def test_other_forms_of_a_mistake_are_found_too(settings, name, value, number):
    setattr(settings, name, value)
    assert number in [found.id for found in check_settings()]


def test_settings_are_not_checked_on_a_machine_for_trials(settings):
    settings.DEMO = True
    assert "skillquest.E001" in [error.id for error in check_settings()]
    call_command("check")


def demo_errors():
    try:
        call_command("check", deploy=True, databases=["default"])
    except SystemCheckError as refused:
        return [line for line in str(refused).splitlines() if "skillquest.E007" in line]
    return []


def test_demo_users_are_errors_until_they_are_deactivated(demo):
    message = "?: (skillquest.E007) The user {} can sign in to database 'default' with a public password."
    users = ["demo", "demo-staff", "demo-steward"]
    assert demo_errors() == [message.format(username) for username in users]
    User.objects.filter(username="demo").update(is_active=False)
    assert demo_errors() == [message.format(username) for username in users[1:]]
    User.objects.filter(username__in=users).update(is_active=False)
    assert demo_errors() == []


def test_somebody_else_named_demo_is_no_error(db):
    UserFactory(username="demo")
    assert demo_errors() == []


@pytest.mark.parametrize(
    ("mode", "expected"), [(0o600, []), (0o640, ["skillquest.I001"]), (0o604, ["skillquest.I001"])]
)
def test_a_database_file_that_others_can_read_is_reported(tmp_path, settings, monkeypatch, mode, expected):
    file = tmp_path / "db.sqlite3"
    file.touch()
    file.chmod(mode)
    settings.BASE_DIR, settings.DATABASE_ENGINE = tmp_path, "sqlite3"
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(file))
    found = check_files()
    assert [info.id for info in found] == expected
    assert all(info.hint == f"chmod 600 {file}" for info in found)

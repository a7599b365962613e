"""Settings are checked at start: an invalid value stops it with a message that names the variable and the problem."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from skillquest.environment import Environment, SettingError

ROOT = Path(__file__).resolve().parent.parent
VALID = {"SECRET_KEY": "tests-only-a-key-that-protects-nothing-and-is-long-enough", "DATABASE_URL": "sqlite://:memory:"}
READ_SETTINGS = "import environ; environ.Env.read_env = lambda *_: None; import skillquest.settings as s; print({})"

BAD_VALUES = [
    ("SECRET_KEY", "", "must be set; .env.example explains it."),
    ("SECRET_KEY", "   ", "must be set; .env.example explains it."),
    ("DEBUG", "maybe", "'maybe' is neither 1 (on) nor 0 (off)."),
    ("ENABLE_SERVER_SIDE_TRACKING", "2", "'2' is neither 1 (on) nor 0 (off)."),
    *(
        ("ALLOWED_HOSTS", value, f"{value!r} is not a host name; write it without scheme, port and path.")
        for value in ("https://a.example", "a.example:8000", "a.example/x", "a b", "a..b", "*.a.example", "2001:db8::1")
    ),
    *(
        ("CSRF_TRUSTED_ORIGINS", value, f"{value!r} is not an origin such as https://play.example.org.")
        for value in ("play.example.org", "https://play.example.org/", "ftp://play.example.org", "https://a b")
    ),
    *(
        ("CORS_ALLOWED_ORIGINS", value, f"{value!r} is not an origin such as https://play.example.org.")
        for value in ("*", "null", "game.example", "https://game.example/", "https://game.example/play", "file://")
    ),
    (
        "CORS_ALLOWED_ORIGINS",
        "https://*.game.example",
        "'https://*.game.example' is a pattern; list each origin by itself.",
    ),
    (
        "CORS_ALLOWED_ORIGINS",
        "https://game.example:70000",
        "'https://game.example:70000' has a port that does not exist.",
    ),
    *(
        (
            "TRUSTED_PROXIES",
            value,
            f"{value!r} is not an IP address or network such as 10.0.0.0/8; host names do not work here.",
        )
        for value in ("proxy", "localhost", "10.0.0.256", "10.0.0.0/33", "10.0.0.5:80", "[::1]")
    ),
    *(
        (name, value, f"{value!r} is not a rate such as 60/m or 100/15m (s, m, h or d for the period).")
        for name in ("RATE_LIMIT_AUTH", "RATE_LIMIT_SIGN_IN", "RATE_LIMIT_WRITE", "RATE_LIMIT_READ")
        for value in ("10/minute", "10", "10/0m", "0/m", "-1/m", "ten/m", "10 / m", "\u0661/m")
    ),
    *(
        (
            "SITE_URL",
            value,
            f"{value!r} is not an origin such as https://play.example.org; a path belongs in SITE_PATH.",
        )
        for value in (
            "play.example.org",
            "https://play.example.org/site",
            "ftp://play.example.org",
            "https://*.example",
        )
    ),
    ("RATE_LIMIT_EVENTS", "499/10m", "'499/10m' allows fewer than 500."),
    ("SERVER_SIDE_TRACKING_PERCENT", "101", "'101' is not a whole number from 0 to 100."),
    ("SERVER_SIDE_TRACKING_PERCENT", "50%", "'50%' is not a whole number from 0 to 100."),
    ("DATABASE_POOL_SIZE", "0", "'0' is not a whole number from 1 to 10000."),
    ("SECURE_HSTS_SECONDS", "-1", "'-1' is not a whole number from 0 to 2147483647."),
    ("XP_APPROVAL_ABOVE", "1.5", "'1.5' is not a whole number from 0 to 2147483647."),
    ("TRUST_LIMITS", "1_000", "'1_000' is neither 1 (on) nor 0 (off)."),
    ("SESSION_RESTART_SECONDS", "5s", "'5s' is not a whole number from 0 to 86400."),
    ("STAFF_SESSION_HOURS", "0", "'0' is not a whole number from 1 to 8760."),
    ("STAFF_SESSION_IDLE_MINUTES", "4", "'4' is not a whole number from 5 to 525600."),
    ("SESSION_MAX_HOURS", "0", "'0' is not a whole number from 1 to 8760."),
    ("DUPLICATE_SECONDS", "9" * 5000, f"'{'9' * 5000}' is not a whole number from 0 to 86400."),
    ("EVENT_MAX_AGE_DAYS", "-1", "'-1' is not a whole number from 0 to 3650."),
    ("EVENT_MAX_AHEAD_MINUTES", "1441", "'1441' is not a whole number from 0 to 1440."),
    ("LEADERBOARD_BACKEND", "memcached", "'memcached' is not one of database, redis."),
    ("LEADERBOARD_BACKEND", "redis", "redis needs a REDIS_URL."),
    *(
        ("SITE_PATH", value, f"{value!r} is not a path such as /skillquest.")
        for value in ("a b", "a//b", "a/../b", "a?b")
    ),
    ("LOG_LEVEL", "LOUD", "'LOUD' is not one of DEBUG, INFO, WARNING, ERROR, CRITICAL."),
    *(
        ("REDIS_URL", value, "is not an address such as redis://host:6379/0.")
        for value in ("cache:6379", "http://cache", "redis://", "redis://cache:6379/a", "redis://cache:port/0")
    ),
    *(
        (
            "DATABASE_URL",
            value,
            "is not an address such as postgres://user:password@host:5432/name or sqlite:////folder/file.",
        )
        for value in (
            "skillquest",
            "mysql://user:secret@db/name",
            "postgres://db:port/name",
            "postgres://db:5432",
            "://",
        )
    ),
    *(
        ("EMAIL_URL", value, "is not an address such as smtp+tls://user:password@mail.example.org:587.")
        for value in ("mail.example.org", "pop3://mail.example.org", "smtp://mail.example.org:port")
    ),
    (
        "DEFAULT_FROM_EMAIL",
        "SkillQuest",
        "'SkillQuest' is not a sender such as SkillQuest <no-reply@example.org>.",
    ),
]


def run(*arguments, **variables):
    """Run Python in a new process, because a process reads the settings once."""
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment | VALID | variables, capture_output=True, text=True
    )


def settings_with(expression, **variables):
    process = run("-c", READ_SETTINGS.format(expression), **variables)
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


@pytest.mark.parametrize(("name", "value", "problem"), BAD_VALUES)
def test_an_invalid_value_stops_the_start_with_a_message(name, value, problem, monkeypatch):
    for variable, valid in (VALID | {"REDIS_URL": "", name: value}).items():
        monkeypatch.setenv(variable, valid)
    monkeypatch.setattr(Environment, "read_file", lambda *_: None)
    spec = importlib.util.find_spec("skillquest.settings")
    with pytest.raises(SettingError) as refusal:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    assert str(refusal.value) == f"{name}: {problem}"


@pytest.mark.parametrize("command", ["check", "check --deploy", "migrate", "verify_ledger"])
def test_a_command_prints_one_line_about_an_invalid_value(command):
    process = run("manage.py", *command.split(), RATE_LIMIT_AUTH="10/minute")
    assert process.returncode == 1
    assert process.stderr == (
        "Settings: RATE_LIMIT_AUTH: '10/minute' is not a rate such as 60/m or 100/15m (s, m, h or d for the period).\n"
    )


def test_the_server_does_not_start_with_an_invalid_value():
    process = run("-c", "import skillquest.wsgi", TRUSTED_PROXIES="127.0.0.1, proxy")
    assert process.returncode == 1
    assert "TRUSTED_PROXIES: 'proxy' is not an IP address" in process.stderr.splitlines()[-1]


def test_a_password_in_a_url_is_not_printed():
    process = run("manage.py", "check", DATABASE_URL="mysql://user:secret@db/name")
    assert process.returncode == 1
    assert "secret" not in process.stderr + process.stdout


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ALLOWED_HOSTS", "a, b ,,.example.org,[::1],10.0.0.5,*", ["a", "b", ".example.org", "[::1]", "10.0.0.5", "*"]),
        ("ALLOWED_HOSTS", "  ", ["localhost", "127.0.0.1", "[::1]"]),
        ("CSRF_TRUSTED_ORIGINS", "https://a.example , http://*.b:8000", ["https://a.example", "http://*.b:8000"]),
        ("CORS_ALLOWED_ORIGINS", "", []),
        (
            "CORS_ALLOWED_ORIGINS",
            "https://Game.Example:443, http://localhost:5173,https://[::1]:8443",
            ["https://game.example", "http://localhost:5173", "https://[::1]:8443"],
        ),
        ("TRUSTED_PROXIES", "127.0.0.1, 10.0.0.5/8, fd00::/8", ["127.0.0.1", "10.0.0.5/8", "fd00::/8"]),
        ("SITE_URL", "", "http://localhost:8000"),
        ("SITE_URL", "https://play.example.org/", "https://play.example.org"),
        ("SITE_PATH", "", ""),
        ("SITE_PATH", "/", ""),
        ("SITE_PATH", "skillquest/", "/skillquest"),
        ("SITE_PATH", "/games/skillquest", "/games/skillquest"),
        ("STATIC_URL", "", "/static/"),
        ("DEBUG", "Yes", True),
        ("DEBUG", "off", False),
        ("SECRET_KEY", "$a-key-that-begins-with-a-dollar", "$a-key-that-begins-with-a-dollar"),
        (
            "RATE_LIMITS",
            "",
            {"auth": "10/m", "sign_in": "120/m", "write": "60/m", "read": "300/m"}
            | {"events": "2000/10m", "page": "300/m", "export": "3/d"}
            | {"key_write": "600/m", "key_read": "3000/m", "key_events": "60000/m"},
        ),
        ("TRUST_LIMITS", "", True),
        ("TRUST_LIMITS", " 0 ", False),
        ("REDIS_URL", "rediss://:secret@cache:6380/2", "rediss://:secret@cache:6380/2"),
        ("REDIS_URL", "unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1"),
        ("DEFAULT_FROM_EMAIL", "SkillQuest <quest@example.org>", "SkillQuest <quest@example.org>"),
    ],
)
def test_a_valid_value_is_parsed(name, value, expected):
    assert settings_with(f"s.{name}", **{name: value}) == str(expected)


def test_parameters_of_the_database_url_become_options():
    options = settings_with(
        "s.DATABASES['default']['OPTIONS']", DATABASE_URL="postgres://db/name?sslmode=require&prepare_threshold=2"
    )
    assert "'sslmode': 'require'" in options
    assert "'prepare_threshold': 2" in options
    assert "lock_timeout" in options

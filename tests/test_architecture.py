"""Rules about the structure, checked on the code itself: imports, routes, settings, pages, documents."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.db.models import Index, UniqueConstraint
from django.urls import URLResolver, get_resolver
from rest_framework.test import APIRequestFactory

ROOT = Path(__file__).resolve().parent.parent
WRITES = {"post", "put", "patch"}
DELETES_WITH_BODY = {"api/v1/auth/me"}  # its body contains the password
DOCUMENTS = [
    "README.md",
    "docs/operations.md",
    "docs/architecture.md",
    "docs/clients.md",
    "docs/api.md",
    "docs/glossary.md",
    "docs/moving-in.md",
]
# `.env.example`: commented out with the default, or without a value (SECRET_KEY).
EXAMPLE_VARIABLE = re.compile(r"^#?([A-Z][A-Z0-9_]*)=", re.MULTILINE)
READ_VARIABLE = re.compile(r"""\benv(?:\.\w+)?\(\s*"([A-Z0-9_]+)\"""")
ADDRESS = re.compile(r"""(?:src|href|action|url|@import|fetch|from)\s*[=(]?\s*["']?\s*((?:https?:)?//[^\s"')>]+)""")


def routes(resolver=None, prefix=""):
    """Every (path, callback) of the API."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, path)
        elif path.startswith("api/v1/"):
            yield path, pattern.callback


def write_actions():
    """Every (path, method, view) of our own API views with a body."""
    for path, callback in routes():
        view_class = getattr(callback, "cls", None)
        if view_class is None or view_class.__module__.startswith("drf_spectacular"):
            continue
        actions = getattr(callback, "actions", None) or {method: method for method in view_class.http_method_names}
        for method in sorted((WRITES | {"delete"} if path in DELETES_WITH_BODY else WRITES) & set(actions)):
            if hasattr(view_class, actions[method]):
                view = view_class(**getattr(callback, "initkwargs", {}))
                view.action, view.kwargs, view.format_kwarg = actions[method], {}, None
                view.request = getattr(APIRequestFactory(), method)("/")
                yield path, method, view


def test_imports_follow_the_layers():
    """The contract is [tool.importlinter] in pyproject.toml."""
    lint = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True)
    assert lint.returncode == 0, lint.stdout


def test_every_writing_view_has_a_serializer():
    """The strict parser takes the known fields and their types from it."""
    without = []
    for path, method, view in write_actions():
        try:
            view.get_serializer_class()
        except (AttributeError, AssertionError):
            without.append(f"{method.upper()} {path}")
    assert without == []


def test_writing_views_are_found():
    assert {path.removesuffix("$") for path, _, _ in write_actions()} >= {"api/v1/levels/complete", "api/v1/auth/login"}


def test_env_example_and_settings_have_the_same_variables():
    documented = set(EXAMPLE_VARIABLE.findall((ROOT / ".env.example").read_text()))
    files = [ROOT / "skillquest" / "settings.py", *(ROOT / "skillquest").rglob("*_settings.py")]
    read = {name for file in files for name in READ_VARIABLE.findall(file.read_text())}
    assert documented == read


def own_files(*folders, endings):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in endings:
                yield path


def test_pages_load_nothing_from_other_hosts():
    other_hosts = [
        f"{path.relative_to(ROOT)}: {address}"
        for path in own_files("templates", "static", endings={".html", ".css", ".js", ".svg"})
        for address in ADDRESS.findall(path.read_text())
    ]
    assert other_hosts == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_make_targets_in_documents_exist(document):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / document).read_text(), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_and_links_in_documents_exist(document):
    text = (ROOT / document).read_text()
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= set(get_commands())
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
    assert [link for link in links if not ((ROOT / document).parent / link).exists()] == []


# The models give the reasons.
NOT_INDEXED = {
    "LedgerEntry.rule_set",
    "LedgerEntry.actor",
    "MetricEvent.metric",
    "MetricTotal.metric",
    "Unlock.achievement",
}


def test_every_foreign_key_is_the_first_column_of_one_index():
    """Without an index, finding the rows that refer to another reads the whole table; a second one slows writes."""
    missing, redundant = set(), set()
    for model in apps.get_models():
        if model.__module__.split(".")[0] not in {"levels", "tracking", "gamification", "skillquest", "approvals"}:
            continue
        beginnings = {
            index.fields[0].lstrip("-")
            for index in (*model._meta.indexes, *model._meta.constraints)
            if isinstance(index, Index | UniqueConstraint) and index.condition is None and index.fields
        }
        for field in (field for field in model._meta.local_fields if field.many_to_one):
            if field.db_index and field.name in beginnings:
                redundant.add(f"{model.__name__}.{field.name}")
            if not field.db_index and field.name not in beginnings:
                missing.add(f"{model.__name__}.{field.name}")
    assert (missing, redundant) == (NOT_INDEXED, set())


# How other packages use gamification. `gamification.api.urls` is included by a dotted path.
FRONTS = {
    "gamification",
    "gamification.admin",
    "gamification.api.docs",
    "gamification.api.serializers",
    "gamification.awards",
    "gamification.conditions",
    "gamification.earnables",
    "gamification.errors",
    "gamification.explanations",
    "gamification.leaderboards",
    "gamification.models",
    "gamification.staff",
    "gamification.streaks",
}


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def test_other_packages_import_gamification_through_its_fronts():
    behind_a_front = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in own_files("skillquest", "tracking", "levels", "conformance", endings={".py"})
        for module in imported_modules(path)
        if module.split(".")[0] == "gamification" and module not in FRONTS
    ]
    assert behind_a_front == []

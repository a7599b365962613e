"""Rules for texts in the code."""

import ast
from functools import cache
from pathlib import Path

from django.conf import settings

PACKAGES = ["apidocs", "approvals", "catalogues", "change_history", "gamification", "jobs", "levels", "skillquest"]
EAGER = {"gettext", "ngettext", "pgettext", "npgettext"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@cache
def trees():
    files = [file for name in [*PACKAGES, "tracking"] for file in Path(settings.BASE_DIR, name).rglob("*.py")]
    return {str(file.relative_to(settings.BASE_DIR)): ast.parse(file.read_text("utf-8")) for file in files}


def names_of(tree, wanted):
    """What the module calls these functions of django.utils.translation."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    found = [each for node in imports if node.module == "django.utils.translation" for each in node.names]
    return {each.asname or each.name for each in found if each.name in wanted}


def calls_at_import(node, names):
    """Also in defaults and decorators, which are evaluated when the module is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, FUNCTIONS) and is_body(node, child):
            continue
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in names:
            yield child.lineno
        yield from calls_at_import(child, names)


def is_body(function, child):
    return child is function.body if isinstance(function, ast.Lambda) else child in function.body


def test_nothing_is_translated_at_import():
    found = {file: [*calls_at_import(tree, names_of(tree, EAGER))] for file, tree in trees().items()}
    assert {file: lines for file, lines in found.items() if lines} == {}


def test_texts_for_scripts_come_from_the_page():
    """Letters after a quote and a capital make a sentence; scripts have none."""
    found = {}
    for file in Path(settings.BASE_DIR, "static", "skillquest").rglob("*.js"):
        if "tracker" not in file.parts:
            found[file.name] = [line for line in file.read_text("utf-8").splitlines() if has_sentence(line)]
    assert {name: lines for name, lines in found.items() if lines} == {}


def has_sentence(line):
    code = line.split("//")[0]
    words = [word for quote in "\"'`" for word in code.split(quote)[1::2]]
    return not line.strip().startswith(("*", "/*")) and any(" " in word and word[:1].isupper() for word in words)

"""Static files as `collectstatic` prepares them for production."""

import json
import re

import pytest
from django.contrib.staticfiles.finders import find
from django.contrib.staticfiles.management.commands.collectstatic import Command
from django.core.management import call_command

from skillquest.static_files import settings_for

IMPORT = re.compile(r"""(?:from|import\()\s*"(\.[^"]+)\"""")


@pytest.fixture
def collected(settings, tmp_path):
    """The folder of the files."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings_for(settings.BASE_DIR, debug=False)["STORAGES"]
    call_command(Command(), interactive=False, verbosity=0)
    return tmp_path


def test_modules_import_each_other_under_names_with_a_hash(collected):
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    modules = [name for name in names if name.startswith("skillquest/") and name.endswith(".js")]
    imported = set()
    for name in modules:
        module = collected / names[name]
        for path in IMPORT.findall(module.read_text()):
            target = (module.parent / path).resolve()
            assert target.is_file()
            imported.add(str(target.relative_to(collected)))
    assert imported <= set(names.values()), "only files whose name has a hash"
    assert names["skillquest/tracker/index.js"] in imported


def test_the_tracker_has_the_address_that_it_always_had():
    assert find("skillquest/tracker.js")
    assert find("skillquest/tracker/index.js").endswith("clients/js/src/index.js")

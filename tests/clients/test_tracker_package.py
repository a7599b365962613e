"""clients/js as npm packs it: what is inside, its types under the strictest TypeScript, and its calls from Node."""

import json
import os
import shutil
import tarfile
import tomllib

import pytest
from django.conf import settings

from gamification.models import LearnerProfile
from tests.factories import LevelFactory, MetricFactory

from .conftest import TYPESCRIPT

PACKAGE = settings.BASE_DIR / "clients/js"


@pytest.fixture
def packed(node_modules, run, tmp_path):
    """The names of the packed files; they are installed in the folder of the test."""
    (description,) = json.loads(run("npm", "pack", "--json", "--ignore-scripts", str(PACKAGE)))
    with tarfile.open(tmp_path / description["filename"]) as archive:
        archive.extractall(tmp_path / "node_modules", filter="data")
    (tmp_path / "node_modules/package").rename(tmp_path / "node_modules/skillquest-tracker")
    for tool in ["typescript", ".bin"]:
        os.symlink(node_modules / tool, tmp_path / "node_modules" / tool)
    return {file["path"] for file in description["files"]}


def test_the_package_has_the_modules_that_our_own_pages_use_and_nothing_else(packed):
    modules = {f"src/{path.name}" for path in (PACKAGE / "src").iterdir()}
    assert packed == {"LICENSE", "README.md", "package.json"} | modules


def test_the_package_has_the_licence_and_the_version_of_the_product():
    description = json.loads((PACKAGE / "package.json").read_text())
    assert (PACKAGE / "LICENSE").read_text() == (settings.BASE_DIR / "LICENSE").read_text()
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    assert description["version"] == project["version"]


def test_the_package_compiles_and_calls_the_api(packed, node_modules, tmp_path, schema_file, run, world):
    for name in ["tracker.ts", "package.json"]:
        shutil.copy(TYPESCRIPT / name, tmp_path)
    options = json.loads((TYPESCRIPT / "tsconfig.json").read_text()) | {"files": ["tracker.ts"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(options))

    run(node_modules / ".bin/openapi-typescript", schema_file, "--output", "schema.d.ts")
    run(node_modules / ".bin/tsc", "--project", "tsconfig.json")
    levels = [LevelFactory(kind=kind).level_id for kind in ("training", "challenge")]
    MetricFactory(metric_id="pages_read", reported_by="learner")
    found = json.loads(run("node", "out/tracker.js", *world.arguments, *levels))

    total_xp = LearnerProfile.objects.get(user=world.learner).total_xp
    assert total_xp > 0
    assert found == {
        "refreshed": 1,
        "ended": True,
        "completed": True,
        "locked": "level_locked",
        "trained": "completed",
        "submitted": 80,
        "pages": 2,
        "check_in": "maintained",
        "streak": 1,
        "total_xp": total_xp,
        "on_board": total_xp,
        "achievements": ["rare"],
    }

"""openapi-typescript makes types of the schema, the strictest TypeScript compiles a client, and it calls the API."""

import json
import os
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest

from gamification.models import LearnerProfile

from .conftest import CACHE

SOURCES = Path(__file__).parent / "typescript"
LOCK = SOURCES / "package-lock.json"


@pytest.fixture(scope="session")
def node_modules():
    """Installed once for each lock file."""
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("NO NPM, SO NO TYPESCRIPT CLIENT WAS GENERATED. apt-get install npm")
    folder = CACHE / sha256(LOCK.read_bytes()).hexdigest()[:16]
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as unfinished:
            for name in ["package.json", "package-lock.json"]:
                shutil.copy(SOURCES / name, unfinished)
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=unfinished, check=True)
            shutil.copytree(unfinished, folder, symlinks=True, dirs_exist_ok=True)
    return folder / "node_modules"


def test_lock_file_names_no_registry():
    assert '"resolved"' not in LOCK.read_text()
    assert "https://" not in "".join(line for line in LOCK.read_text().splitlines() if '"url"' not in line)


def test_typescript_client_compiles_and_calls_the_api(node_modules, tmp_path, schema_file, run, world):
    for name in ["calls.ts", "tsconfig.json", "package.json"]:
        shutil.copy(SOURCES / name, tmp_path)
    os.symlink(node_modules, tmp_path / "node_modules")

    run("node_modules/.bin/openapi-typescript", schema_file, "--output", "schema.d.ts")
    run("node_modules/.bin/tsc", "--project", "tsconfig.json")
    found = json.loads(run("node", "out/calls.js", *world.arguments))

    total_xp = LearnerProfile.objects.get(user=world.learner).total_xp
    assert found == world.expected | {"total_xp": total_xp, "on_board": total_xp}

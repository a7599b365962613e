"""What the generated clients call: a live server with a learner, a level that is open and one that is locked."""

import contextlib
import json
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from drf_spectacular.generators import SchemaGenerator

from gamification.models import Achievement
from tests.factories import PASSWORD, LevelFactory, UserFactory

# Outside of what is committed; made once and used again by every later run.
CACHE = Path(__file__).resolve().parents[2] / "build" / "clients"
TYPESCRIPT = Path(__file__).parent / "typescript"
LOCK = TYPESCRIPT / "package-lock.json"


@pytest.fixture
def schema_file(tmp_path):
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(SchemaGenerator().get_schema(public=True)))
    return path


@pytest.fixture
def world(live_server):
    """`world.arguments` are those of a client's program, `world.expected` what it is to find."""
    learner, first = UserFactory(), LevelFactory()
    locked = LevelFactory(prerequisites=[LevelFactory()])
    Achievement.objects.create(
        achievement_id="first-step",
        name="First Step",
        rarity="rare",
        condition={"type": "metric", "name": "completions", "threshold": 1_000},
        published=True,
    )
    expected = {
        "username": learner.username,
        "level": "normal",
        "ended": 60,
        "factors": ["base", "no_hints_bonus", "already_paid"],
        "replayed": "true",
        "missing": [locked.prerequisites.get().level_id],
        "verdicts": ["created", "unknown_level"],
        "action": "maintained",
        "achievements": ["rare"],
    }
    arguments = [live_server.url, learner.username, PASSWORD, first.level_id, locked.level_id]
    return SimpleNamespace(learner=learner, arguments=arguments, expected=expected)


@pytest.fixture(scope="session")
def node_modules():
    """Installed once for each lock file."""
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("NO NPM, SO NO TYPESCRIPT WAS COMPILED. apt-get install npm")
    folder = CACHE / sha256(LOCK.read_bytes()).hexdigest()[:16]
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
            unfinished = Path(temporary) / "unfinished"
            unfinished.mkdir()
            for name in ["package.json", "package-lock.json"]:
                shutil.copy(TYPESCRIPT / name, unfinished)
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=unfinished, check=True)
            # Another test process may have been faster.
            with contextlib.suppress(OSError):
                unfinished.rename(folder)
    return folder / "node_modules"


@pytest.fixture
def run(tmp_path):
    """`run("tsc", ...)` in the folder of the test -> its standard output. What it prints is shown where it fails."""

    def run(*command, **environment):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, **environment)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run

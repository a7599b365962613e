"""openapi-python-client makes a client of the schema without a warning, mypy finds it strictly typed, and it calls."""

import json
import os
import shutil
import sys
from pathlib import Path

from gamification.models import LearnerProfile

from .conftest import CACHE

SOURCES = Path(__file__).parent / "python"


def test_python_client_is_strictly_typed_and_calls_the_api(tmp_path, schema_file, run, world):
    shutil.copy(SOURCES / "calls.py", tmp_path)
    options = ["--meta", "none", "--output-path", "skillquest_client", "--config", SOURCES / "generator.yml"]
    generator, mypy = (Path(sys.executable).parent / name for name in ["openapi-python-client", "mypy"])

    run(generator, "generate", "--path", schema_file, *options, "--fail-on-warning")
    run(mypy, "--config-file", SOURCES / "mypy.ini", "--cache-dir", CACHE / "mypy", "calls.py", "skillquest_client")
    found = json.loads(run(sys.executable, "calls.py", *world.arguments, env=os.environ | {"PYTHONPATH": "."}))

    total_xp = LearnerProfile.objects.get(user=world.learner).total_xp
    assert found == world.expected | {"total_xp": total_xp, "on_board": total_xp}

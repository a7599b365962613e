"""openapi-typescript makes types of the schema, the strictest TypeScript compiles a client, and it calls the API."""

import json
import os
import shutil

from gamification.models import LearnerProfile

from .conftest import LOCK, TYPESCRIPT


def test_lock_file_names_no_registry():
    assert '"resolved"' not in LOCK.read_text()
    assert "https://" not in "".join(line for line in LOCK.read_text().splitlines() if '"url"' not in line)


def test_typescript_client_compiles_and_calls_the_api(node_modules, tmp_path, schema_file, run, world):
    for name in ["calls.ts", "tsconfig.json", "package.json"]:
        shutil.copy(TYPESCRIPT / name, tmp_path)
    os.symlink(node_modules, tmp_path / "node_modules")

    run("node_modules/.bin/openapi-typescript", schema_file, "--output", "schema.d.ts")
    run("node_modules/.bin/tsc", "--project", "tsconfig.json")
    found = json.loads(run("node", "out/calls.js", *world.arguments))

    total_xp = LearnerProfile.objects.get(user=world.learner).total_xp
    assert found == world.expected | {"total_xp": total_xp, "on_board": total_xp}

"""Search all files in git for keys and passwords; exit with 1 if there is one that has not been reviewed.

`secrets_reviewed.txt` lists the reviewed ones: the hash that this script prints, the file, and why it is not a secret.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings

ROOT = Path(__file__).resolve().parent.parent
REVIEWED = Path(__file__).with_name("secrets_reviewed.txt")


def tracked_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def find_secrets(names) -> Iterator[tuple[str, str, int, str]]:
    """Every (hash, file, line, type). `password = "…"` is allowed in tests, whose users do not exist."""
    found = SecretsCollection(root=str(ROOT))
    with default_settings():
        found.scan_files(*names)  # in a process for each core
    for name, secret in found:
        if secret.type != "Secret Keyword" or not name.startswith("tests/"):
            yield secret.secret_hash, name, secret.line_number, secret.type


def main() -> int:
    names = tracked_files()
    reviewed = {tuple(line.split()[:2]) for line in REVIEWED.read_text().splitlines() if not line.startswith("#")}
    new = [each for each in find_secrets(names) if each[:2] not in reviewed]
    for secret_hash, name, line, kind in new:
        sys.stdout.write(f"{secret_hash} {name}  line {line}: {kind}\n")
    sys.stdout.write(f"Secrets: {len(new)} unreviewed in {len(names)} files.\n")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())

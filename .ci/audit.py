"""Hold both lock files against the database of known vulnerabilities (pip-audit); exits with 1 when one is affected.

First it asks about a release that everybody knows to be vulnerable. Where that comes back clean, or nobody answers (a
closed network, a mirror without such data), nothing can be audited: one loud line says so, and the build goes on.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.txt", "requirements-dev.txt"]
KNOWN_TO_BE_VULNERABLE = "jinja2==2.4.1"


def audit(requirements) -> list[dict]:
    """What pip-audit says about each package; an empty list where it has no answer."""
    options = ["--disable-pip", "--no-deps", "--progress-spinner", "off", "--format", "json", "--timeout", "15"]
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), *options]
    answer = subprocess.run(command, capture_output=True, text=True).stdout  # noqa: S603
    try:
        return json.loads(answer)["dependencies"]
    except ValueError:
        return []


def service_knows_something() -> bool:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write(KNOWN_TO_BE_VULNERABLE)
        requirements.flush()
        return any(package.get("vulns") for package in audit(requirements.name))


def findings(packages) -> Iterator[str]:
    for package in packages:
        for found in package.get("vulns", []):
            fixed = ", ".join(found["fix_versions"]) or "no version yet"
            yield f"{package['name']} {package['version']}: {found['id']}, fixed in {fixed}"


def main() -> int:
    if not service_knows_something():
        sys.stdout.write(
            "!!! NOT AUDITED: no database of vulnerabilities answers here. Run `make lint` where one does.\n"
        )
        return 0
    packages = [package for lock in LOCKS for package in audit(ROOT / lock)]
    affected, unknown = sorted(set(findings(packages))), [each["name"] for each in packages if "skip_reason" in each]
    sys.stdout.writelines(f"!!! {line}\n" for line in affected)
    sys.stdout.writelines(f"!!! NOT AUDITED: {name}\n" for name in unknown)
    sys.stdout.write(f"Audit: {len(affected)} known vulnerabilities in {len(packages)} locked packages.\n")
    return 1 if affected or not packages else 0


if __name__ == "__main__":
    sys.exit(main())

"""Check both lock files for known vulnerabilities with pip-audit; exit with 1 if there are any.

First it checks a release that is known to be vulnerable. If pip-audit finds nothing there (no network, or a mirror
without this data), the packages cannot be audited: the script prints a warning, and the build continues.
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
    """The result of pip-audit for each package; an empty list if there is none."""
    options = ["--disable-pip", "--no-deps", "--progress-spinner", "off", "--format", "json", "--timeout", "15"]
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), *options]
    answer = subprocess.run(command, capture_output=True, text=True).stdout  # noqa: S603
    try:
        return json.loads(answer)["dependencies"]
    except ValueError:
        return []


def service_is_available() -> bool:
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
    if not service_is_available():
        sys.stdout.write(
            "!!! NOT AUDITED: no database of vulnerabilities is available here. Run `make lint` with internet access.\n"
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

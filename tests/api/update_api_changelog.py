"""Names in docs/api-changelog.json what today's API does differently from the last released version.

    python -m tests.api.update_api_changelog [--release VERSION]

With --release, the unreleased version gets this number and today's date, and its schema is saved in docs/api-schemas.
Exits with 1, and writes nothing, where something would break clients.
"""

import argparse
import os
import sys
from datetime import UTC, datetime

import django


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", metavar="VERSION")
    version = parser.parse_args().release
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    return update(version)


def update(version: str | None) -> int:
    from drf_spectacular.generators import SchemaGenerator  # needs the settings

    from .compatibility import changelog as file
    from .compatibility.differences import Kind
    from .compatibility.documents import compare_documents

    changelog, schema = file.read_changelog(), SchemaGenerator().get_schema(public=True)
    today = datetime.now(UTC).date()
    differences = compare_documents(file.read_released_schema(changelog), schema, today=today)
    breaks = [str(each) for each in differences if each.kind == Kind.BREAK]
    sys.stdout.writelines(f"BREAKS CLIENTS  {each}\n" for each in breaks)
    if breaks:
        return 1
    changelog["versions"][0] = file.with_entries(file.unreleased(changelog), differences)
    file.write_changelog(file.released(changelog, version, today, schema) if version else changelog)
    return 0


if __name__ == "__main__":
    sys.exit(main())

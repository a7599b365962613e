"""The shipped catalogue, whole or without most of its questions, which take longer to load than many a test runs."""

from collections.abc import Collection
from pathlib import Path

from django.core.management import call_command

from gamification import earnables
from levels.loading import load as levels
from tests.kept_rows import make_once

SCOUTING = ("puk_", "ppgd_", "nav_", "tali_", "sandi_")


def load_whole_catalogue() -> None:
    make_once("whole catalogue", lambda: call_command("load_catalogue", verbosity=0))


def load_catalogue(*, scouting: Collection[str] = ()) -> None:
    """All but the questions of scouting levels; of these only those of the levels `scouting`, by level_id."""
    files = [path for path in levels.shipped_files() if not _holds_scouting_questions(path) or path.stem in scouting]
    make_once(
        ("catalogue", *sorted(scouting)),
        lambda: call_command("load_catalogue", *files, *earnables.shipped_files(), verbosity=0),
    )


def _holds_scouting_questions(path: Path) -> bool:
    return path.parent.name == "questions" and path.name.startswith(SCOUTING)

"""Writes the sprite of all icons that pages, scripts and shipped catalogues name.

python -m tests.pages.update_icons
"""

import os
import re
from pathlib import Path

import django

PLACES = ["templates", "static/skillquest", "skillquest/pages", "levels", "gamification", "tracking"]
SUFFIXES = {".html", ".js", ".py", ".json"}
NAMED = re.compile(r"(?<![a-z0-9-])bi(?:-[a-z0-9]+)+(?![a-z0-9-])")


def named_icons(base_dir: Path) -> list[str]:
    files = [file for place in PLACES for file in (base_dir / place).rglob("*") if file.suffix in SUFFIXES]
    return sorted({name for file in files for name in NAMED.findall(file.read_text("utf-8"))})


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.conf import settings

    from skillquest.pages.icons import SPRITE, svg_of  # needs the settings

    SPRITE.write_text(svg_of(named_icons(settings.BASE_DIR)), "utf-8")


if __name__ == "__main__":
    main()

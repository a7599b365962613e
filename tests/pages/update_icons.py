"""Writes the sprite of all icons that pages, scripts and shipped catalogues name.

python -m tests.pages.update_icons
"""

import os
import re
from pathlib import Path

import django

PLACES = {
    "templates": "*.html",
    "static/skillquest": "*.js",
    "skillquest/pages": "*.py",
    "levels": "*.[jp][sy]*",
    "gamification": "*.[jp][sy]*",
    "tracking": "*.py",
}
NAMED = re.compile(r"(?<![a-z0-9-])bi(?:-[a-z0-9]+)+(?![a-z0-9-])")


def named_icons(base_dir: Path) -> list[str]:
    files = [file for place, pattern in PLACES.items() for file in (base_dir / place).rglob(pattern)]
    return sorted({name for file in files for name in NAMED.findall(file.read_text("utf-8"))})


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.conf import settings

    from skillquest.pages.icons import SPRITE, svg_of  # needs the settings

    SPRITE.write_text(svg_of(named_icons(settings.BASE_DIR)), "utf-8")


if __name__ == "__main__":
    main()

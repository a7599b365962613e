"""The games that can be played in the browser: `<level_id>.json` here, a script and a template of the same name."""

import json
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def content() -> dict[str, list]:
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def exists(level_id: str) -> bool:
    return level_id in content()

"""Reading the messages of Indonesian, as they are in the repository."""

import ast
import gettext
import re
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

FOLDER = Path(settings.BASE_DIR, "locale", "id", "LC_MESSAGES")
PO, MO = FOLDER / "django.po", FOLDER / "django.mo"
KEYWORD = re.compile(r"(?P<name>msgctxt|msgid_plural|msgid|msgstr)(?:\[\d\])? (?P<text>.*)")
PLACES = re.compile(r"%\(\w+\)s|%%|\{\w*\}|<[^>]+>|\n")


@dataclass
class Message:
    texts: dict[str, str] = field(default_factory=dict)
    flags: str = ""

    @property
    def key(self):
        """As a compiled catalogue names it."""
        context = self.texts.get("msgctxt")
        return self.texts["msgid"] if context is None else f"{context}\4{self.texts['msgid']}"

    @property
    def places(self):
        """What a translation has to have too; a plural form may leave the number out."""
        english = self.texts.get("msgid_plural") or self.texts["msgid"]
        return sorted(PLACES.findall(english)), sorted(PLACES.findall(self.texts["msgstr"]))


def messages_of(file):
    """All but the header; obsolete ones (#~) are an error."""
    blocks = file.read_text("utf-8").split("\n\n")
    assert "#~" not in file.read_text("utf-8")
    return [read(block) for block in blocks[1:]]


def read(block):
    message, name = Message(), ""
    for line in block.strip().splitlines():
        if line.startswith("#"):
            message.flags += line
            continue
        if found := KEYWORD.fullmatch(line):
            name, line = found["name"], found["text"]
        message.texts[name] = message.texts.get(name, "") + ast.literal_eval(line)
    return message


def compiled():
    """Text by message; the form of a plural has the number 0."""
    with MO.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog
    return {key if isinstance(key, str) else key[0]: text for key, text in catalogue.items() if key}

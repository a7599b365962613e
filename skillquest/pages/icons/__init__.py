"""Bootstrap Icons: those that pages name in one sprite, each of the others in an answer of its own.

`bootstrap-icons.svg.gz` is the file of version 1.13.1; `python -m tests.pages.update_icons` writes the sprite from it.
"""

import gzip
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

PUBLISHED = Path(__file__).with_name("bootstrap-icons.svg.gz")
SPRITE = settings.BASE_DIR / "static/skillquest/icons.svg"
SYMBOL = re.compile(r'<symbol [^>]*id="(?P<name>[a-z0-9-]+)"[^>]*>(?P<shapes>.*?)</symbol>', re.DOTALL)
ADDRESS = re.compile(r"/icons/(?P<name>bi(?:-[a-z0-9]+)+)\.svg")
NAME = re.compile(r"bi(-[a-z0-9]+)+")
FALLBACK = "bi-puzzle"
A_WEEK = 7 * 24 * 60 * 60


@cache
def published_icons() -> dict[str, str]:
    """Every icon there is: its name, such as bi-trophy, and its shapes."""
    text = gzip.decompress(PUBLISHED.read_bytes()).decode()
    return {f"bi-{found['name']}": found["shapes"] for found in SYMBOL.finditer(text)}


@cache
def sprite_names() -> frozenset[str]:
    return frozenset(found["name"] for found in SYMBOL.finditer(SPRITE.read_text("utf-8")))


def svg_of(names: list[str]) -> str:
    icons = published_icons()
    symbols = "\n".join(f'<symbol viewBox="0 0 16 16" id="{name}">{icons[name]}</symbol>' for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">\n{symbols}\n</svg>\n'


def address_of(name: str) -> str:
    """Where a page finds the icon. There is a picture for a name that no icon has, too."""
    if name not in published_icons():
        name = FALLBACK
    file = static("skillquest/icons.svg") if name in sprite_names() else reverse("icon", args=[name])
    return f"{file}#{name}"


def icon_of_badge(icon_url: str) -> str:
    """The shipped badges name the address of an icon. Other pictures are for clients that show badges themselves."""
    found = ADDRESS.fullmatch(icon_url)
    return found["name"] if found else "bi-shield-check"


@require_safe
def icon(_request, name: str) -> HttpResponse:
    """One icon, for the pages that name one which the sprite has not."""
    if name not in published_icons():
        raise Http404
    picture = svg_of([name]).replace("</svg>", f'<use href="#{name}"/></svg>')  # so that it is an image by itself too
    response = HttpResponse(picture, content_type="image/svg+xml")
    patch_cache_control(response, public=True, max_age=A_WEEK)
    return response

import gzip
from xml.etree import ElementTree

import pytest
from django.conf import settings

from skillquest.pages.icons import FALLBACK, SPRITE, published_icons, sprite_names
from skillquest.pages.templatetags.quest import icon
from tests.factories import LevelFactory

from .html import elements_of
from .update_icons import named_icons


def test_the_sprite_has_exactly_the_icons_that_pages_scripts_and_catalogues_name():
    assert named_icons(settings.BASE_DIR) == sorted(sprite_names()), "run python -m tests.pages.update_icons"


def test_every_icon_of_the_sprite_is_one_that_was_published():
    assert sprite_names() <= published_icons().keys()
    assert FALLBACK in sprite_names()


def test_the_sprite_is_small():
    assert len(gzip.compress(SPRITE.read_bytes())) <= 20_000


def test_no_template_draws_an_icon_by_hand():
    templates = (settings.BASE_DIR / "templates").rglob("*.html")
    assert [str(path) for path in templates if 'class="bi' in path.read_text("utf-8")] == []


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("bi-trophy", "/static/skillquest/icons.svg#bi-trophy"),
        ("bi-zoom-in", "/icons/bi-zoom-in.svg#bi-zoom-in"),
        ("bi-nobody-drew-this", "/static/skillquest/icons.svg#bi-puzzle"),
    ],
)
def test_each_name_has_a_picture(name, address):
    drawing = ElementTree.fromstring(icon(name, "sign"))  # noqa: S314 - our own markup
    assert drawing.attrib == {"class": "bi sign", "aria-hidden": "true", "focusable": "false"}
    assert drawing[0].attrib == {"href": address}


def test_an_emoji_stays_text():
    assert icon("🧭") == '<span class="" aria-hidden="true">🧭</span>'


def test_an_icon_outside_the_sprite_is_served_alone(client):
    response = client.get("/icons/bi-zoom-in.svg")
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.headers["Cache-Control"] == "public, max-age=604800"
    symbol, drawn = ElementTree.fromstring(response.content)  # noqa: S314 - our own markup
    assert symbol.attrib == {"id": "bi-zoom-in", "viewBox": "0 0 16 16"}
    assert drawn.attrib == {"href": "#bi-zoom-in"}, "it is a picture by itself too"


@pytest.mark.parametrize("name", ["bi-nobody-drew-this", "zoom-in", "bi"])
def test_there_is_no_other_icon(client, name, db):
    assert client.get(f"/icons/{name}.svg").status_code == 404


@pytest.mark.django_db
def test_a_level_shows_the_icon_that_an_editor_chose(learner_page):
    LevelFactory(level_id="lens", icon="bi-zoom-in")
    page = learner_page.get("/levels/lens")
    assert ("use", {"href": "/icons/bi-zoom-in.svg#bi-zoom-in"}) in elements_of(page)

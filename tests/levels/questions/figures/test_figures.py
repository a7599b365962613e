import json
import re
from pathlib import Path
from string import ascii_uppercase, digits

import pytest
from defusedxml.ElementTree import fromstring
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import override

from levels import catalogues
from levels.questions.figures import FIGURES, figure_html, figure_text
from levels.questions.figures.map_symbols import SYMBOLS
from levels.questions.figures.pole_lashings import POLES
from levels.questions.figures.trail_signs import SIGNS
from levels.questions.gift import write_gift
from levels.questions.gift_reading import read_gift
from levels.questions.json_files import read_json, write_json
from levels.questions.markdown import fenced_blocks, to_html, to_text
from levels.questions.tables import read_csv, write_csv
from tests.levels.questions.examples import SINGLE, TRUE_FALSE, question

MESSAGES = ["semaphore", "morse", "kotak-1", "kotak-2", "kotak-3"]
NAMED = [
    (figure, name)
    for figure, names in (("trail-sign", SIGNS), ("map-symbol", SYMBOLS), ("pole-lashing", POLES))
    for name in names
]
EXAMPLES = [
    *((name, "QUIZ JAMBORE") for name in MESSAGES),
    ("bearing", "125"),
    ("contours", "100 120 140"),
    ("sketch-map", "camp 2 3\nwell 8 7.5"),
    *NAMED,
]  # fmt: skip


def block(name, source):
    return f"```{name}\n{source}\n```"


@pytest.mark.parametrize(("name", "source"), EXAMPLES)
def test_a_figure_is_one_image_with_a_text(name, source):
    html = to_html(f"Look:\n\n{block(name, source)}")
    figure = fromstring(html.removeprefix("<p>Look:</p>\n"))
    assert (figure.get("role"), figure.get("class")) == ("img", "figure")
    text = to_text(f"Look:\n\n{block(name, source)}")
    assert text == f"Look:\n\n[{figure.get('aria-label')}]"


def test_every_figure_has_an_example():
    assert {name for name, _ in EXAMPLES} == set(FIGURES)


@pytest.mark.parametrize(("name", "source"), EXAMPLES)
def test_a_figure_obeys_the_strict_policy_and_names_no_kind(name, source):
    html = figure_html(name, source)
    assert not re.search(r"style=|<script|<style|\bon\w+=|href|url\(", html)
    assert name not in html


def secrets_in(name, source):
    """Parts of what the author wrote that can be read in the figure."""
    html = re.sub(r' d="[^"]*"', "", figure_html(name, source))
    if name == "bearing":  # the numbers of the rose and of the drawing are always the same
        html = re.search(r' aria-label="([^"]*)"', html)[1].replace("every 10 degrees", "")
    sources = {source.strip(), *source.split()} if name in MESSAGES else {source.strip()}
    secrets = {spelling for text in sources if len(text) > 1 for spelling in (text, text.upper(), text.capitalize())}
    return [secret for secret in secrets if re.search(rf"\b{re.escape(secret)}\b", html)]


@pytest.mark.parametrize(
    ("name", "source"), [*EXAMPLES, *((name, "quiz x") for name in MESSAGES), ("bearing", "120"), ("bearing", "10")]
)
def test_a_figure_does_not_tell_what_was_written(name, source):
    assert secrets_in(name, source) == []


def shipped_figures():
    for path in sorted((Path(catalogues.__path__[0]) / "questions").glob("*.json")):
        for row in json.loads(path.read_text())["questions"]:
            for texts in (row, *row.get("translations", {}).values()):
                for field in ("prompt", "hint", "explanation"):
                    for name, source in fenced_blocks(texts.get(field, "")):
                        if name in FIGURES:
                            yield row["question_id"], texts[field], name, source


def test_no_shipped_question_tells_what_its_figures_show():
    told = {}
    for question_id, text, name, source in shipped_figures():
        if (
            secrets_in(name, source)
            or source.strip() in to_text(text).split("\n\n")
            or f"<code>{source}" in to_html(text)
        ):
            told[question_id] = name
    assert told == {}


@pytest.mark.parametrize("named", ["python", "", "semaphor", "kotak-4", '"><script>'])
def test_other_blocks_stay_code(named):
    assert to_html(block(named, "SOS")) == "<pre><code>SOS\n</code></pre>"
    assert to_text(block(named, "SOS")) == "SOS"


def test_figures_stand_between_other_text_in_their_order_and_a_typed_rule_stays_text():
    html = to_html(
        f"<hr>\n\n- {block('morse', 'E').replace(chr(10), chr(10) + '  ')}\n- x <hr>\n\n{block('kotak-1', 'A')}"
    )
    first, second = figure_html("morse", "E"), figure_html("kotak-1", "A")
    assert html == f"<p>&lt;hr&gt;</p>\n<ul>\n<li>\n{first}\n</li>\n<li>x &lt;hr&gt;</li>\n</ul>\n{second}"


def test_a_name_may_have_capitals_and_spaces_around_it():
    assert to_html("``` Morse \ne\n```") == figure_html("morse", "E")


def test_a_wrong_figure_that_was_stored_unchecked_stays_code():
    assert to_html(block("morse", "... --- ...")) == "<pre><code>... --- ...\n</code></pre>"
    assert to_text(block("morse", "... --- ...")) == "... --- ..."


WRONG = [
    ("semaphore", "SOS 1", "A to Z and spaces, not “1”"),
    ("semaphore", "Ä", "not “Ä”"),
    ("semaphore", "A" * 13, "1 to 12 characters"),
    ("semaphore", " ", "1 to 12 characters"),
    ("morse", "A" * 21, "1 to 20 characters"),
    ("morse", "<svg>", "not “<”"),
    ("kotak-3", "B" * 16, "1 to 15 characters"),
    ("bearing", "360", "0 to 359, not “360”"),
    ("bearing", "-5", "not “-5”"),
    ("bearing", "٣", "not “٣”"),
    ("trail-sign", "left", "not “left”"),
    ("map-symbol", "road river", "not “road river”"),
    ("pole-lashing", "", "not “”"),
    ("contours", "100", "2 to 8 heights, not 1"),
    ("contours", "1 2 3 4 5 6 7 8 9", "2 to 8 heights, not 9"),
    ("contours", "100 1e3", "not “1e3”"),
    ("sketch-map", "", "1 to 12 lines, not 0"),
    ("sketch-map", "camp 1 1\n" * 13, "1 to 12 lines, not 13"),
    ("sketch-map", "castle 1 1", "not “castle 1 1”"),
    ("sketch-map", "camp 11 1", "not “camp 11 1”"),
    ("sketch-map", "camp 1", "not “camp 1”"),
    ("sketch-map", "camp 1 1\nwell 1 1", "the same place"),
]


@pytest.mark.parametrize(("name", "source", "reason"), WRONG)
@pytest.mark.parametrize("field", ["prompt", "hint", "explanation"])
def test_a_wrong_figure_is_refused_with_its_name_and_the_reason(name, source, reason, field):
    with pytest.raises(ValidationError) as refusal:
        question(TRUE_FALSE, **{field: f"See\n\n{block(name, source)}"}).clean()
    [message] = refusal.value.message_dict[field]
    assert message.startswith(f"Figure “{name}”: ")
    assert reason in message


ALIKE = {  # what could be confused with each other
    "semaphore": ascii_uppercase,
    "morse": ascii_uppercase + digits,
    **dict.fromkeys(["kotak-1", "kotak-2", "kotak-3"], ascii_uppercase),
    "bearing": [str(degrees) for degrees in range(360)],
    "trail-sign": SIGNS,
    "map-symbol": SYMBOLS,
    "pole-lashing": POLES,
}


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
@pytest.mark.parametrize("name", ALIKE)
def test_no_two_figures_look_or_sound_alike_in_any_language(name, language):
    with override(language):
        for show in (figure_html, figure_text):
            assert len({show(name, source) for source in ALIKE[name]}) == len(ALIKE[name])


def test_a_wrong_figure_in_a_translation_is_refused():
    with pytest.raises(ValidationError, match="Figure “morse”: Give A to Z"):
        question(TRUE_FALSE, translations={"id": {"prompt": block("morse", "AYO!")}}).clean()


@pytest.mark.parametrize(("write", "read"), [(write_json, read_json), (write_csv, read_csv), (write_gift, read_gift)])
def test_exports_keep_what_the_author_wrote(write, read):
    prompt = f"Read:\n\n{block('sketch-map', 'camp 1 2')}"
    [row] = read(write([question(TRUE_FALSE, prompt=prompt)]))
    assert row.values["prompt"] == prompt


def test_a_text_has_at_most_ten_figures():
    question(TRUE_FALSE, prompt=f"{block('morse', 'E')}\n\n" * 10).clean()
    with pytest.raises(ValidationError, match="at most 10 figures"):
        question(TRUE_FALSE, prompt=f"{block('morse', 'E')}\n\n" * 11).clean()


@pytest.mark.parametrize("choice", ["```morse\nSOS\n```", "``` Semaphore SOS```", "~~~kotak-1"])
def test_a_choice_is_no_figure(choice):
    with pytest.raises(ValidationError, match="A figure belongs into the prompt"):
        question(SINGLE, choices=[choice, "x"], answer="x").clean()


@pytest.mark.parametrize(
    ("degrees", "seen"),
    [
        (0, "The arrow points at N."),
        (30, "The arrow points at mark 3."),
        (125, "The arrow points between mark 12 and mark 13, 5 tenths of the way."),
        (4, "The arrow points between N and mark 1, 4 tenths of the way."),
        (359, "The arrow points between mark 35 and N, 9 tenths of the way."),
    ],
)
def test_a_bearing_is_described_by_counting_marks(degrees, seen):
    assert figure_text("bearing", str(degrees)).endswith(f" {seen}]")


def test_an_arrow_points_in_its_direction():
    assert 'd="M 140 140 L 222 140"' in figure_html("bearing", "90")
    assert 'd="M 140 140 L 140 222"' in figure_html("bearing", "180")


def test_things_on_a_map_stand_where_they_are_said_to_be():
    html, text = figure_html("sketch-map", "camp 2 3"), figure_text("sketch-map", "camp 2 3\nwell 0 10")
    assert 'transform="translate(84 244)' in html
    assert "camp: 200 m east, 300 m north; well: 0 m east, 1000 m north." in text
    assert html.count("figure-legend") == 1


def test_contours_have_a_line_and_a_number_for_each_height():
    html = figure_html("contours", "100 120 140")
    assert re.findall(r">(\d+)</text>", html) == ["100", "120", "140"]
    assert html.count("<path") == 3
    assert figure_text("contours", "100 120 140").endswith("they are marked 100, 120, 140.]")

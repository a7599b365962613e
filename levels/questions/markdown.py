"""Markdown of questions: paragraphs, emphasis, lists, inline code, code blocks and figures.

Everything else is plain text.
"""

import re
from collections.abc import MutableMapping, Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from .figures import figure_html, figure_text

_PARSER = MarkdownIt("zero").enable(["list", "fence", "newline", "escape", "backticks", "emphasis"])
_INLINE_TAGS = {"em", "strong", "code"}
_TAGS = _INLINE_TAGS | {"p", "br", "ul", "ol", "li", "pre"}
# Stands for a figure while the HTML is cleaned: in this subset nothing else becomes a rule.
_PLACE = "<hr>"
_FENCES = ("```", "~~~")
_NOT_PLAIN = re.compile(r"[\\`*_\r\n\0]")  # a text without these is shown as it is


def to_html(text: str) -> str:
    figures: list[str] = []
    cleaned = _clean(_PARSER.render(text, {"figures": figures}), _TAGS | {"hr"})
    drawn = iter(figures)
    return re.sub(_PLACE, lambda _: next(drawn), cleaned)


def to_inline_html(text: str) -> str:
    """Of a choice, which is one line and no list."""
    return _clean(_PARSER.renderInline(text), _INLINE_TAGS)


def to_text(text: str) -> str:
    """The same without markup: list items keep their marks, and figures are described."""
    parts, mark, gap = [], "", "\n\n"
    for token in _PARSER.parse(text):
        if token.type == "list_item_open":
            mark = f"{token.info}. " if token.info else "- "
        elif token.type == "paragraph_open":
            gap = "\n" if token.hidden else "\n\n"
        elif token.type == "fence":
            parts.append("\n\n" + mark + (figure_text(*_block(token)) or token.content.rstrip("\n")))
            mark = ""
        elif token.type == "inline":
            parts.append(gap + mark + _text_of(token.children or []))
            mark = ""
    return "".join(parts).strip("\n")


def to_inline_text(text: str) -> str:
    if not _NOT_PLAIN.search(text):
        return text
    return "".join(_text_of(token.children or []) for token in _PARSER.parseInline(text))


def fenced_blocks(text: str) -> list[tuple[str, str]]:
    """The info string and the content of each."""
    if not any(mark in text for mark in _FENCES):
        return []
    return [_block(token) for token in _PARSER.parse(text) if token.type == "fence"]


def _block(token: Token) -> tuple[str, str]:
    return token.info.strip().lower(), token.content


def _fence(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    figure = figure_html(*_block(tokens[index]))
    if figure is None:
        return renderer.fence(tokens, index, options, env)
    env["figures"].append(figure)
    return f"{_PLACE}\n"


_PARSER.add_render_rule("fence", _fence)


def _clean(html: str, tags: set[str]) -> str:
    return nh3.clean(html, tags=tags, attributes={}).strip()


def _text_of(tokens: Sequence[Token]) -> str:
    return "".join("\n" if token.type in {"softbreak", "hardbreak"} else token.content for token in tokens)

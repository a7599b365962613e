"""Markdown of questions: paragraphs, emphasis, lists, inline code and code blocks. Everything else is plain text."""

from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("zero").enable(["list", "fence", "newline", "escape", "backticks", "emphasis"])
_INLINE_TAGS = {"em", "strong", "code"}
_TAGS = _INLINE_TAGS | {"p", "br", "ul", "ol", "li", "pre"}


def to_html(text: str) -> str:
    return _clean(_PARSER.render(text), _TAGS)


def to_inline_html(text: str) -> str:
    """Of a choice, which is one line and no list."""
    return _clean(_PARSER.renderInline(text), _INLINE_TAGS)


def to_text(text: str) -> str:
    """The same without markup: list items keep their marks."""
    parts, mark, gap = [], "", "\n\n"
    for token in _PARSER.parse(text):
        if token.type == "list_item_open":
            mark = f"{token.info}. " if token.info else "- "
        elif token.type == "paragraph_open":
            gap = "\n" if token.hidden else "\n\n"
        elif token.type == "fence":
            parts.append("\n\n" + mark + token.content.rstrip("\n"))
            mark = ""
        elif token.type == "inline":
            parts.append(gap + mark + _text_of(token.children or []))
            mark = ""
    return "".join(parts).strip("\n")


def to_inline_text(text: str) -> str:
    return "".join(_text_of(token.children or []) for token in _PARSER.parseInline(text))


def _clean(html: str, tags: set[str]) -> str:
    return nh3.clean(html, tags=tags, attributes={}).strip()


def _text_of(tokens: Sequence[Token]) -> str:
    return "".join("\n" if token.type in {"softbreak", "hardbreak"} else token.content for token in tokens)

"""HTML pages, parsed to detect elements, attributes and scripts that a text has created."""

import re
from html.parser import HTMLParser

from .payloads import MARK

INERT = {"application/json", "module", "text/javascript", ""}
DANGEROUS_ADDRESS = re.compile(r"[\x00-\x20]*(javascript|data|vbscript):", re.IGNORECASE)
ADDRESSES = {"href", "src", "action", "formaction", "srcdoc", "xlink:href"}


class Page(HTMLParser):
    """`skeleton`: elements with the names of their attributes. `faults`: elements that a text must have created."""

    def __init__(self, answer):
        super().__init__(convert_charrefs=True)
        self.skeleton, self.faults, self.texts, self.inside = [], [], [], ""
        self.feed(answer.content.decode())
        self.close()

    @property
    def elements(self):
        """Sorted, because the order differs with the selected options of lists."""
        return sorted(self.skeleton)

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        self.inside = (
            tag if tag in self.CDATA_CONTENT_ELEMENTS and dict(attrs).get("type") != "application/json" else ""
        )
        if tag != "br":
            self.skeleton.append((tag, *names))
        if MARK in tag or any(MARK in name or name.startswith("on") for name in names) or tag in {"base", "iframe"}:
            self.faults.append((tag, attrs))
        self.faults += [(tag, attrs) for name, value in attrs if name in ADDRESSES and is_dangerous(value)]
        self.texts += [value for _, value in attrs if value]

    def handle_endtag(self, _tag):
        self.inside = ""

    def handle_data(self, data):
        self.texts.append(data)
        if self.inside and MARK in data:
            self.faults.append((self.inside, data))

    def handle_comment(self, data):
        if MARK in data:
            self.faults.append(("comment", data))

    handle_decl = handle_pi = unknown_decl = handle_comment


def is_dangerous(address):
    return bool(address and DANGEROUS_ADDRESS.match(address))

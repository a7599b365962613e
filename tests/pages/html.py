"""What a person reads on a page: its text in one line, and the names of its parts."""

from html.parser import HTMLParser

SILENT = {"script", "style"}


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.texts, self.elements, self._silent = [], [], 0

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._silent += tag in SILENT

    def handle_endtag(self, tag):
        self._silent -= tag in SILENT

    def handle_data(self, data):
        if not self._silent:
            self.texts.append(data)


def _parsed(response):
    page = _Page()
    page.feed(response.content.decode())
    return page


def text_of(response):
    return " ".join(" ".join(_parsed(response).texts).split())


def elements_of(response):
    """[(tag, attributes)], in order."""
    return _parsed(response).elements

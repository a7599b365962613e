"""What a page offers: links, forms, and the buttons of forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit


@dataclass
class Form:
    method: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    # Of a list of the admin: its actions, and the rows that can be ticked.
    actions: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)

    def submissions(self):
        """What is sent by each button; of a list, each action with its first row."""
        if self.actions:
            ticked = {"_selected_action": self.rows[0]} if self.rows else {}
            return [{**dict(self.fields), **ticked, "action": action, "index": "0"} for action in self.actions]
        buttons = self.buttons or ([("", "")] if self.method == "get" else [])
        return [{**dict(self.fields), **({name: value} if name else {})} for name, value in buttons]


class Offered(HTMLParser):
    """`links` are addresses of the same site; addresses of forms are whole."""

    def __init__(self, address, answer):
        super().__init__(convert_charrefs=True)
        self.address, self.links, self.forms = address, [], []
        self.form, self.select, self.options, self.textarea = None, None, [], None
        self.by_id = {}
        self.feed(answer.content.decode())
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        if tag == "a" and (target := self._on_this_site(attrs.get("href", ""))):
            self.links.append(target)
        if tag == "form":
            action = urljoin(self.address, attrs.get("action", ""))
            self.form = Form(attrs.get("method", "get").lower(), action.partition("#")[0])
            self.forms.append(self.form)
            if "id" in attrs:
                self.by_id[attrs["id"]] = self.form
        form = self.by_id.get(attrs.get("form")) or self.form
        if form is None or "disabled" in attrs:
            return
        handler = getattr(self, f"_{tag}", None)
        if handler:
            handler(form, attrs)

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        if tag == "select" and self.select:
            self._end_select()
        if tag == "textarea":
            self.textarea = None

    def handle_data(self, data):
        if self.textarea:
            form, name = self.textarea
            form.fields = [*(each for each in form.fields if each[0] != name), (name, data)]

    def _on_this_site(self, href):
        target = urlsplit(urljoin(f"http://testserver{self.address}", href))
        is_page = target.scheme == "http" and target.netloc == "testserver" and href and not href.startswith("#")
        return f"{target.path}?{target.query}".rstrip("?") if is_page else None

    def _input(self, form, attrs):
        name, kind = attrs.get("name", ""), attrs.get("type", "text")
        if kind == "submit":
            form.buttons.append((name, attrs.get("value", "")))
        elif name == "_selected_action":
            form.rows.append(attrs.get("value", ""))
        elif name and (kind not in {"checkbox", "radio"} or "checked" in attrs):
            form.fields.append((name, attrs.get("value", "")))

    def _button(self, form, attrs):
        if attrs.get("type", "submit") == "submit":
            form.buttons.append((attrs.get("name", ""), attrs.get("value", "")))

    def _textarea(self, form, attrs):
        self.textarea = form, attrs.get("name", "")

    def _select(self, form, attrs):
        self.select, self.options = (form, attrs.get("name", "")), []

    def _option(self, _form, attrs):
        self.options.append((attrs.get("value", ""), "selected" in attrs))

    def _end_select(self):
        (form, name), self.select = self.select, None
        if name == "action":
            form.actions = [value for value, _ in self.options if value]
        elif self.options:
            chosen = [value for value, is_chosen in self.options if is_chosen]
            form.fields.append((name, (chosen or [self.options[0][0]])[0]))

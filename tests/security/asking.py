"""One request by one person, undone afterwards, and what came of it in one word."""

import json
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.forms import MultiWidget
from django.test import Client
from django.utils.http import urlencode

from . import bodies, routes

CSRF_TOKEN = "a" * 32
SIGN_IN_PAGES = {"/sign-in", "/admin/login/"}
FORM = "application/x-www-form-urlencoded"
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
# Django forgets a dead cookie as soon as somebody shows it; test_cookies.py looks after sessions. The others are
# derived numbers, which whoever looks may bring up to date.
COUNTS_FOR_NOTHING = {
    "accounts_browsersession",
    "gamification_holdercounts",
    "gamification_windowrefresh",
    "gamification_windowscore",
}


@dataclass(frozen=True)
class Form:
    """What stands in it when it is sent, and every field that it offers."""

    values: dict = field(default_factory=dict)
    fields: set = field(default_factory=set)


@dataclass
class Doorkeeper:
    """`ask` gives the word that stands in the table: the status, or `sign-in` for a redirect there.

    An exclamation mark after it says that the request changed something in the database.
    """

    world: object
    before: dict = field(default_factory=lambda: contents())
    forms: dict = field(default_factory=dict)
    asked: int = 0
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True, raise_request_exception=False))

    def ask(self, role, method, path, *, by_cookie=False, prefix=routes.API):
        """`path` is one of the table; `prefix` may name the API's other tree."""
        self.asked += 1
        person = self.world.people[role]
        data, content_type = self.body(method, path)
        headers = self.show_credentials(person, by_token=routes.is_api(path) and not by_cookie)
        address, _, _action = path.partition("#")
        address = bodies.address(address, self.world).replace(routes.API, prefix, 1)
        with transaction.atomic():
            response, writes = self.send(method, address, data, content_type, headers)
            changed = self.has_changed(writes)
            transaction.set_rollback(True)
        return word_for(response) + ("!" if changed else "")

    def show_credentials(self, person, *, by_token):
        self.client.cookies.clear()
        headers = {}
        if by_token and person.has_token:
            headers["Authorization"] = f"Bearer {person.tokens.access_token}"
        elif person.cookie:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = person.cookie
        if person.sends_csrf:
            self.client.cookies[settings.CSRF_COOKIE_NAME] = headers["X-CSRFToken"] = CSRF_TOKEN
        return headers

    def send(self, method, address, data, content_type, headers):
        """The response, and the statements that could have changed something."""
        statements = []

        def watch(execute, sql, params, many, context):
            statements.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(watch):
            response = self.client.generic(method, address, data, content_type, headers=headers)
        return response, [sql for sql in statements if sql.lstrip().upper().startswith(WRITES)]

    def has_changed(self, writes):
        """Whether a table that one of these statements names has other rows than before."""
        with connection.cursor() as cursor:
            tables = [table for table in self.before if any(table in sql for sql in writes)]
            return any(rows_of(cursor, table) != self.before[table] for table in tables)

    def body(self, method, path):
        if method in {"GET", "OPTIONS"}:
            return b"", ""
        if routes.is_api(path):
            return json.dumps(bodies.body_of(path, self.world, method)).encode(), "application/json"
        return encode_form(self.form_of(path).values), FORM

    def form_of(self, path):
        if path not in self.forms:
            form = self.find_form(path)
            self.forms[path] = Form(form.values | bodies.typed(path, self.world), form.fields)
        return self.forms[path]

    def find_form(self, path):
        """As the superuser finds it on its page."""
        page, _, action = path.partition("#")
        if action:
            row = bodies.value_of(page, "{object_id}", self.world)
            return Form({"action": action, "_selected_action": row, "index": 0, "post": "yes"})
        if path.endswith("/delete/"):
            return Form({"post": "yes"})
        headers = self.show_credentials(self.world.people["superuser"], by_token=False)
        with transaction.atomic():
            response = self.client.get(bodies.address(path, self.world), headers=headers)
            transaction.set_rollback(True)
        return read_forms(response.context) if response.context and routes.is_admin(path) else Form()


def word_for(response):
    if response.status_code == 302 and urlsplit(response["Location"]).path in SIGN_IN_PAGES:
        return "sign-in"
    return str(response.status_code)


def contents():
    """Every row of every table that counts."""
    with connection.cursor() as cursor:
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        return {table: rows_of(cursor, table) for table in tables if table not in COUNTS_FOR_NOTHING}


def rows_of(cursor, table):
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
    return sorted(map(repr, cursor.fetchall()))


def read_forms(context):
    values = {name: value for form in forms_of(context) for name, value in values_of(form)}
    fields = {field for form in forms_of(context) for field in form.fields}
    return Form({name: value for name, value in values.items() if value is not None and value is not False}, fields)


def forms_of(context):
    """The forms of a page of the admin, those for rows inside the row too."""
    main = context["adminform"].form if "adminform" in context else context.get("form")
    inner = [inline.formset for inline in context.get("inline_admin_formsets", [])]
    return [
        *filter(None, [main]),
        *(form for formset in inner for form in [formset.management_form, *formset.forms]),
    ]


def values_of(form):
    for bound in form:
        if bound.field.disabled:
            continue
        if isinstance(bound.field.widget, MultiWidget):
            parts = bound.field.widget.decompress(bound.value())
            yield from ((f"{bound.html_name}_{number}", part) for number, part in enumerate(parts))
        else:
            yield bound.html_name, "on" if bound.value() is True else bound.value()


def encode_form(values):
    return urlencode(values, doseq=True).encode()

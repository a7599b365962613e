"""Make one request as one person, roll it back, and return its outcome as one word."""

import json
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.forms import BaseForm, MultiWidget
from django.test import Client
from django.utils.http import urlencode

from skillquest.accounts.models import User

from . import routes, valid_requests

CSRF_TOKEN = "a" * 32
SIGN_IN_PAGES = {"/sign-in", "/admin/login/"}
FORM = "application/x-www-form-urlencoded"
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
# Tables in which changes do not count. Django deletes an expired session when its cookie is used (test_cookies.py tests
# sessions). The others contain derived numbers, which a request that only reads may compute again.
IGNORED_TABLES = {
    "accounts_browsersession",
    "gamification_holdercounts",
    "gamification_windowrefresh",
    "gamification_windowscore",
}


@dataclass(frozen=True)
class Form:
    """The values with which a form is submitted, and the names of all its fields."""

    values: dict = field(default_factory=dict)
    fields: set = field(default_factory=set)


@dataclass
class Requester:
    """`request` returns an outcome as in the table: the status, or `sign-in` for a redirect to a sign-in page.

    An exclamation mark after it means that the request changed something in the database.
    """

    world: object
    before: dict = field(default_factory=lambda: contents())
    forms: dict = field(default_factory=dict)
    count: int = 0  # of requests
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True, raise_request_exception=False))

    def request(self, role, method, path, *, by_cookie=False, prefix=routes.API):
        """`path` is one of the table; `prefix` is the prefix of the API's paths to use instead of `routes.API`."""
        self.count += 1
        person = self.world.people[role]
        data, content_type = self.body(method, path)
        headers = self.set_credentials(person, by_token=routes.is_api(path) and not by_cookie)
        address, _, _action = path.partition("#")
        address = valid_requests.address(address, self.world).replace(routes.API, prefix, 1)
        with transaction.atomic():
            response, writes = self.send(method, address, data, content_type, headers)
            changed = self.has_changed(writes)
            transaction.set_rollback(True)
        return outcome_of(response) + ("!" if changed else "")

    def set_credentials(self, person, *, by_token):
        self.client.cookies.clear()
        headers = {}
        if person.key:  # sent everywhere: pages and the admin have to ignore it
            learner = User.objects.get(pk=person.user.pk).external_id
            headers |= {"Authorization": f"Bearer {person.key}", "SkillQuest-Learner": learner}
        elif by_token and person.has_token:
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
            return json.dumps(valid_requests.body_of(path, self.world, method)).encode(), "application/json"
        return encode_form(self.form_of(path).values), FORM

    def form_of(self, path):
        if path not in self.forms:
            form = self.find_form(path)
            self.forms[path] = Form(form.values | valid_requests.form_values(path, self.world), form.fields)
        return self.forms[path]

    def find_form(self, path):
        """The form as its page shows it to the superuser."""
        page, _, action = path.partition("#")
        if action:
            row = valid_requests.value_of(page, "{object_id}", self.world)
            return Form({"action": action, "_selected_action": row, "index": 0, "post": "yes"})
        if path.endswith("/delete/"):
            return Form({"post": "yes"})
        headers = self.set_credentials(self.world.people["superuser"], by_token=False)
        with transaction.atomic():
            response = self.client.get(valid_requests.address(path, self.world), headers=headers)
            transaction.set_rollback(True)
        return read_forms(response.context) if response.context and routes.is_admin(path) else Form()


def outcome_of(response):
    if response.status_code == 302 and urlsplit(response["Location"]).path in SIGN_IN_PAGES:
        return "sign-in"
    return str(response.status_code)


def contents():
    """All rows of all tables except IGNORED_TABLES, by table."""
    with connection.cursor() as cursor:
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        return {table: rows_of(cursor, table) for table in tables if table not in IGNORED_TABLES}


def rows_of(cursor, table):
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
    return sorted(map(repr, cursor.fetchall()))


def read_forms(context):
    values = {name: value for form in forms_of(context) for name, value in values_of(form)}
    fields = {field for form in forms_of(context) for field in form.fields}
    return Form({name: value for name, value in values.items() if value is not None and value is not False}, fields)


def forms_of(context):
    """The forms of an admin page, including those of inlines."""
    main = context["adminform"].form if "adminform" in context else context.get("form")
    main = main if isinstance(main, BaseForm) else None  # a preview shows the form of learners
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

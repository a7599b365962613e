"""Open every page of the admin that links lead to; for `benchmarks.admin_pages`, in a process of its own.

    python -m benchmarks.admin_pages_visits ROUNDS

Prints a line of JSON for each page: statements, median and least time, the slowest statement. Pages are named by their
route and parameters, so that those of two databases can be compared.
"""

import json
import statistics
import sys
import time
from collections import Counter
from urllib.parse import parse_qsl, urlencode, urlsplit

import django

from benchmarks.admin_pages_data import BUSY, STAFF

TEXTS = ["learner1", "learner1000007@example.org", "Ada ade", "ext-10000", "1000007", "l", "nobody at all"]
CHOICES = 4  # of each filter, and further pages of each list
SORTS = 20  # of each list
LONG = 1.0  # seconds; of a page that takes as long fewer rounds are enough


class Visits:
    def __init__(self, rounds: int) -> None:
        from django.test import Client

        from skillquest.accounts.models import User

        self.client, self.rounds = Client(raise_request_exception=False), rounds
        self.client.force_login(User.objects.get(username=STAFF))
        self.names: Counter[str] = Counter()
        self.waiting = ["/admin/", *searches("/admin/search/", TEXTS), *addresses_of_busy()]

    def run(self) -> None:
        seen = set()
        while self.waiting:
            address = self.waiting.pop(0)
            if address in seen or not (name := self.name_of(address)):
                continue
            seen.add(address)
            self._visit(name, address)

    def name_of(self, address: str) -> str | None:
        """None if enough pages of this kind were opened."""
        parts = urlsplit(address)
        route, parameters = route_of(parts.path), parse_qsl(parts.query, keep_blank_values=True)
        if [key for key, _ in parameters] == ["q"] or f"/{BUSY}/" in address:
            return address
        kind = f"{route} {'&'.join(sorted(key for key, _ in parameters))}".strip()
        self.names[kind] += 1
        most = 1 if not parameters else SORTS if "o" in dict(parameters) else CHOICES
        return f"{kind} {self.names[kind]}" if self.names[kind] <= most else None

    def _visit(self, name: str, address: str) -> None:
        answer, *_ = self._get(address)  # fills caches
        if answer.status_code in (301, 302):
            self.waiting.append(answer["Location"])
        if answer.status_code in (301, 302, 405) or not is_page(answer):
            return
        _print(name, address, answer, self._measured(address))
        if "?" not in address and f"/{BUSY}/" not in address:
            self._follow(address, answer)

    def _get(self, address: str):
        from django.db import connection

        statements: list[tuple[float, str]] = []

        def note(execute, sql, params, many, context):
            began = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                statements.append((time.perf_counter() - began, sql))

        began = time.perf_counter()
        with connection.execute_wrapper(note):
            answer = self.client.get(address)
        return answer, time.perf_counter() - began, statements

    def _measured(self, address: str) -> list:
        runs = [self._get(address)[1:] for _ in range(3)]
        if statistics.median(seconds for seconds, _ in runs) < LONG:
            runs += [self._get(address)[1:] for _ in range(self.rounds - len(runs))]
        return runs

    def _follow(self, address: str, answer) -> None:
        from tests.admin_roles.offered import Offered

        offered = Offered(address, answer)
        self.waiting += [link for link in offered.links if link.startswith("/admin/")]
        for form in offered.forms:
            if form.method == "get" and any(key == "q" for key, _ in form.fields):
                self.waiting += searches(form.action, TEXTS)
            elif form.method == "get":
                self.waiting += [f"{form.action}?{urlencode(values)}" for values in form.submissions()]


def searches(address: str, texts: list[str]) -> list[str]:
    return [f"{address}?{urlencode({'q': text})}" for text in texts]


def addresses_of_busy() -> list[str]:
    from django.urls import reverse

    from skillquest.learner_page.tabs import TABS

    return [
        *(tab.address(BUSY) for tab in TABS),
        *(f"{TABS[0].address(BUSY)}?days={days}" for days in (30, 90, 365)),
        f"{reverse('admin:tracking_completion_changelist')}?q=learner{BUSY}",
        f"{reverse('admin:gamification_ledgerentry_changelist')}?q=learner{BUSY}",
    ]


def route_of(path: str) -> str:
    from django.urls import resolve

    return resolve(path).route


def is_page(answer) -> bool:
    """Files are written as they are sent, in portions."""
    is_file = answer.streaming or "attachment" in answer.get("Content-Disposition", "")
    return not is_file


def _print(name: str, address: str, answer, runs: list) -> None:
    slowest, sql = max((each for _, statements in runs for each in statements), default=(0, ""))
    figure = {
        "page": name,
        "address": address,
        "status": answer.status_code,
        "statements": max(len(statements) for _, statements in runs),
        "ms": round(statistics.median(seconds for seconds, _ in runs) * 1000, 1),
        "least_ms": round(min(seconds for seconds, _ in runs) * 1000, 1),
        "slowest_ms": round(slowest * 1000, 1),
        "slowest": sql[:2_000],
    }
    print(json.dumps(figure), flush=True)


def main() -> None:
    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    Visits(int(sys.argv[1])).run()


if __name__ == "__main__":
    main()

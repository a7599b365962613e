"""Checks a running server, or a client, against the guarantees of docs/clients.md."""

import os
from collections.abc import Iterable

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conformance.caller import Caller, UnreachableError
from conformance.checks import CHECKS
from conformance.clients import check_client
from conformance.kit import Check, CheckError, Kit

USERNAME, PASSWORD = "SKILLQUEST_USERNAME", "SKILLQUEST_PASSWORD"


class Command(BaseCommand):
    help = (
        "Check what clients rely on (retries, duplicates, order, clocks, keys, batches) on a running server, or with "
        "--client check a client on an unreliable connection. It signs in as a learner, who earns XP by it: use one "
        "made for the purpose. The exit code is 1 if a check failed."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="the server's address, for example http://127.0.0.1:8000")
        parser.add_argument("--username", default=os.environ.get(USERNAME, ""), help=f"default: ${USERNAME}")
        parser.add_argument("--password", default=os.environ.get(PASSWORD, ""), help=f"default: ${PASSWORD}")
        parser.add_argument("--level", default="", help="level_id to play; default: one that pays each time")
        parser.add_argument("--client", default="", help="command of a client to check instead; see docs/clients.md")

    def handle(
        self, *args: object, url: str, username: str, password: str, level: str, client: str, **options: object
    ) -> None:
        api = Caller(url, on_wait=lambda seconds: self.stdout.write(f"        (rate limit: waiting {seconds} s)"))
        try:
            kit = _prepare(api, username, password, level)
            credentials = {USERNAME: username, PASSWORD: password}
            checks = check_client(kit, client, url, credentials) if client else CHECKS
            failed = self.run_checks(kit, checks)
        except UnreachableError as error:
            raise CommandError(str(error)) from error
        if failed:
            raise CommandError(f"{failed} {'check' if failed == 1 else 'checks'} failed.")
        self.stdout.write("All checks passed.")

    def run_checks(self, kit: Kit, checks: Iterable[Check]) -> int:
        """The number of failed checks."""
        failed = 0
        for check in checks:
            failure = _failure_of(kit, check)
            failed += bool(failure)
            self.stdout.write(
                f"FAILED  {check.description}\n        {failure}" if failure else f"passed  {check.description}"
            )
        return failed


def _failure_of(kit: Kit, check: Check) -> str:
    try:
        check.run(kit)
    except CheckError as failure:
        return str(failure)
    except (KeyError, TypeError, IndexError, AttributeError) as error:  # an answer of another shape
        return f"An answer lacks a field of the contract: {type(error).__name__} {error}."
    return ""


def _prepare(api: Caller, username: str, password: str, level: str) -> Kit:
    if not username or not password:
        raise CommandError(f"Name a learner: --username and --password, or {USERNAME} and {PASSWORD}.")
    answer = api.sign_in(username, password)
    if not api.token:
        raise CommandError(f"{username} cannot sign in: {answer.status} {answer.code}")
    rows = [api.get(f"levels/{level}").json] if level else api.get("levels?limit=100").json.get("results", [])
    for row in filter(_pays_each_time, rows):
        return Kit(api, row)
    # Where a second completion pays nothing, a double payment could not be seen.
    raise CommandError(f"{level or 'No level on the first page'} does not pay each time. Name one with --level.")


def _pays_each_time(row: dict) -> bool:
    is_open = row.get("unlocked") and not row.get("coming_soon") and not row.get("prerequisites")
    return bool(is_open and row.get("repeat_policy") == "full")

"""Tries the promises of docs/clients.md on a live server, and on a client if one is named."""

import os
from collections.abc import Iterable

from django.core.management.base import BaseCommand, CommandError

from conformance.caller import Caller, UnreachableError
from conformance.clients import try_client
from conformance.kit import Kit, Promise, PromiseError
from conformance.promises import PROMISES

USERNAME, PASSWORD = "SKILLQUEST_USERNAME", "SKILLQUEST_PASSWORD"


class Command(BaseCommand):
    help = (
        "Try the promises that clients rely on (retries, duplicates, order, clocks, keys, batches) on a live server, "
        "or with --client a client over a bad line, and say what broke. It plays as the learner whom you name, who "
        "earns XP by it: use one made for the purpose. Ends with 1 if a promise is broken."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("url", help="the server's address, for example http://127.0.0.1:8000")
        parser.add_argument("--username", default=os.environ.get(USERNAME, ""), help=f"default: ${USERNAME}")
        parser.add_argument("--password", default=os.environ.get(PASSWORD, ""), help=f"default: ${PASSWORD}")
        parser.add_argument("--level", default="", help="level_id to play; default: one that pays each time")
        parser.add_argument("--client", default="", help="command of a client to try instead; see docs/clients.md")

    def handle(self, *args, url, username, password, level, client, **options):
        api = Caller(url, on_wait=lambda seconds: self.stdout.write(f"        (a limit: waiting {seconds} s)"))
        try:
            kit = _prepare(api, username, password, level)
            promises = try_client(kit, client, url, {USERNAME: username, PASSWORD: password}) if client else PROMISES
            broken = self.try_all(kit, promises)
        except UnreachableError as error:
            raise CommandError(str(error)) from error
        if broken:
            raise CommandError(f"{broken} {'promise is' if broken == 1 else 'promises are'} broken.")
        self.stdout.write("All promises are kept.")

    def try_all(self, kit: Kit, promises: Iterable[Promise]) -> int:
        """How many are broken."""
        broken = 0
        for promise in promises:
            trouble = _trouble(kit, promise)
            broken += bool(trouble)
            self.stdout.write(f"BROKEN  {promise.words}\n        {trouble}" if trouble else f"kept    {promise.words}")
        return broken


def _trouble(kit: Kit, promise: Promise) -> str:
    try:
        promise.check(kit)
    except PromiseError as broken:
        return str(broken)
    except (KeyError, TypeError, IndexError, AttributeError) as error:  # an answer of another shape
        return f"An answer lacks what the contract promises: {type(error).__name__} {error}."
    return ""


def _prepare(api: Caller, username: str, password: str, level: str) -> Kit:
    if not username or not password:
        raise CommandError(f"Say who plays: --username and --password, or {USERNAME} and {PASSWORD}.")
    answer = api.sign_in(username, password)
    if not api.token:
        raise CommandError(f"{username} cannot sign in: {answer.status} {answer.code}")
    rows = [api.get(f"levels/{level}").json] if level else api.get("levels?limit=100").json.get("results", [])
    for row in filter(_pays_each_time, rows):
        return Kit(api, row["level_id"], row["max_score"])
    # Where a second deed pays nothing anyway, nobody sees that one was paid twice.
    raise CommandError(f"{level or 'No level on the first page'} does not pay each time. Name one with --level.")


def _pays_each_time(row: dict) -> bool:
    is_open = row.get("unlocked") and not row.get("coming_soon") and not row.get("prerequisites")
    return bool(is_open and row.get("repeat_policy") == "full")

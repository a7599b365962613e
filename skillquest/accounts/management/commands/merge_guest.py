from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rest_framework.exceptions import APIException

from skillquest.accounts.guests.linking import merge_guest
from skillquest.accounts.models import User


class Command(BaseCommand):
    help = (
        "Merge a guest into an account, for a person who asked for it, where both have too many results for auth/link. "
        "Both wait while it runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("guest_id", type=int)
        parser.add_argument("account_id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        keys = [options["guest_id"], options["account_id"]]
        if keys[0] == keys[1] or User.objects.filter(pk__in=keys).count() < len(keys):
            raise CommandError("There are no two such users.")
        try:
            merge_guest(guest_id=keys[0], account_id=keys[1], at=timezone.now(), at_most=None)
        except APIException as refusal:
            raise CommandError(str(refusal.detail)) from refusal
        self.stdout.write(f"Guest {keys[0]} was merged into account {keys[1]}.")

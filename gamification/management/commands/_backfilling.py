"""What `backfill_achievement` and `backfill_badge` share: IDs, `--quiet`, and a line of output for every chunk."""

from django.core.management.base import BaseCommand, CommandError
from rest_framework.exceptions import APIException

from gamification.models import Earnable
from gamification.staff.backfill import backfill


class BackfillCommand(BaseCommand):
    model: type[Earnable]
    key: str

    def add_arguments(self, parser) -> None:
        parser.add_argument("ids", nargs="+", metavar="ID", help=f"the {self.key} of each")
        parser.add_argument("--quiet", action="store_true", help="grant without announcing it to the learners")

    def handle(self, *, ids, quiet, **options) -> None:
        owners = [self._find(text) for text in ids]
        for owner in owners:
            try:
                self._backfill(owner, quiet=quiet)
            except APIException as refusal:
                raise CommandError(f"{owner}: {refusal.detail}") from refusal

    def _find(self, text) -> Earnable:
        owner = self.model.objects.filter(**{self.key: text}).first()
        if owner is None:
            raise CommandError(f"There is no {self.model._meta.verbose_name} with the {self.key} {text}.")
        return owner

    def _backfill(self, owner, *, quiet) -> None:
        learners = undated = xp = 0
        for granted in backfill(owner, quiet=quiet):
            learners += len(granted.grants)
            undated += sum(not grant.dated for grant in granted.grants)
            xp += sum(entry.delta for entry in granted.entries)
            if granted.last_id:
                self.stdout.write(f"{owner}: {learners} learners so far, up to id {granted.last_id}")
        dates = f"; {undated} of them dated today, since no row says when they earned it" if undated else ""
        self.stdout.write(self.style.SUCCESS(f"{owner}: granted to {learners} learners with {xp} XP in all{dates}."))

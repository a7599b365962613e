from django.core.management.base import BaseCommand
from django.utils import timezone

from gamification.leaderboards.score_updates import lift_ended_standings


class Command(BaseCommand):
    help = "List learners on the boards again whose time off them is over. Run it hourly."

    def handle(self, **options: object) -> None:
        lifted = lift_ended_standings(at=timezone.now())
        self.stdout.write(f"{lifted} learners are on the boards again.")

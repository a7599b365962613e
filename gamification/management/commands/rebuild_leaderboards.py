from datetime import datetime

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from gamification.leaderboards import redis_board as redis
from gamification.leaderboards import windows
from gamification.leaderboards.base import WINDOWED
from gamification.leaderboards.custom import all_rankings
from gamification.leaderboards.redis_connection import RedisUnavailable
from gamification.leaderboards.score_updates import refresh_all_listed


class Command(BaseCommand):
    help = "Compute every leaderboard again from the rows that it is derived from."

    def handle(self, **options: object) -> None:
        at = timezone.now()
        changed = refresh_all_listed(at=at)
        self.stdout.write(f"{changed} learners came to the boards or left them.")
        for metric in WINDOWED:
            windows.refresh(metric, at=at, oldest=at)
            self.stdout.write(f"{metric.name} is computed.")
        if settings.LEADERBOARD_BACKEND == "redis":
            self._build_in_redis(at)
        self.stdout.write(self.style.SUCCESS("All leaderboards are fresh."))

    def _build_in_redis(self, at: datetime) -> None:
        for metric in all_rankings():
            try:
                built = redis.store().build(metric, at=at, oldest=at)
            except RedisUnavailable as error:
                raise CommandError("Redis is unavailable: meanwhile the database answers.") from error
            self.stdout.write(f"{metric.name} is {'built' if built else 'being built by another process'} in Redis.")

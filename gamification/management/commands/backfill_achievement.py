from gamification.models import Achievement

from ._backfilling import BackfillCommand


class Command(BackfillCommand):
    help = (
        "Grant published achievements to all learners who have earned them already, with the XP and the date on which "
        "they were earned. Can be stopped at any time and run again."
    )
    model, key = Achievement, "achievement_id"

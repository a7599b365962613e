from gamification.models import Badge

from ._backfilling import BackfillCommand


class Command(BackfillCommand):
    help = (
        "Award published badges to all learners who have earned them already, dated to when they were earned. Can be "
        "stopped at any time and run again."
    )
    model, key = Badge, "name"

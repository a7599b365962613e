from django.core.management.base import BaseCommand
from django.utils import timezone

from gamification.models import LearnerKind, LearnerProfile
from skillquest.accounts.erasing import erase_person


class Command(BaseCommand):
    help = "Erase all test learners, as people are erased: their rows stay without their data, since the ledger stays."

    def handle(self, **options: object) -> None:
        learners = LearnerProfile.objects.filter(kind=LearnerKind.TEST, erased_at=None).order_by("pk")
        learner_ids = list(learners.values_list("pk", flat=True))
        for learner_id in learner_ids:
            erase_person(user_id=learner_id, at=timezone.now())
        self.stdout.write(f"{len(learner_ids)} test learners erased.")

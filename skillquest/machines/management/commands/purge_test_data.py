from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from gamification.models import LearnerKind, LearnerProfile
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.models import User


class Command(BaseCommand):
    help = (
        "Erase all test learners, as people are erased: their rows stay without their data, since the ledger stays. "
        "Their external ids are free again at once."
    )

    def handle(self, **options: object) -> None:
        learners = LearnerProfile.objects.filter(kind=LearnerKind.TEST, erased_at=None).order_by("pk")
        learner_ids = list(learners.values_list("pk", flat=True))
        for learner_id in learner_ids:
            purge(learner_id)
        self.stdout.write(f"{len(learner_ids)} test learners erased.")


@transaction.atomic
def purge(learner_id: int) -> None:
    # Erasing closes an id for some time; without one there is nothing to close.
    User.objects.filter(pk=learner_id).update(external_id=None)
    erase_person(user_id=learner_id, at=timezone.now())

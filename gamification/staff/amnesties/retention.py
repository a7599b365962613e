"""Previews are deleted some time after they were made."""

from datetime import datetime, timedelta

from gamification.models import AmnestyPreview
from jobs.models import Job

KEPT_FOR = timedelta(days=90)


def delete_old_previews(*, at: datetime) -> int:
    """Return how many were deleted, with what they say of learners; not while a job works on them."""
    old = AmnestyPreview.objects.filter(created_at__lt=at - KEPT_FOR).exclude(job__state__in=Job.UNFINISHED)
    return sum(bool(preview.delete()) for preview in old)

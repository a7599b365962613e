"""Which spans an amnesty may have."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError

LONGEST = timedelta(days=31)


def check_span(starts_at: datetime, ends_at: datetime) -> None:
    """Raise ValidationError for a span longer than 31 days."""
    if ends_at - starts_at > LONGEST:
        raise ValidationError("An amnesty spans at most 31 days; a longer one is most likely a mistake.")

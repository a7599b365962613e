"""The metrics that are kept for every learner anyway, as rows of the same table."""

from django.utils.translation import gettext_noop as _

from gamification.models import Metric

# metric_id, name, unit; as they are stored, in English
BUILT_IN = [
    ("completions", _("Completions"), ""),
    ("levels_completed", _("Levels completed"), ""),
    ("attempts_passed", _("Attempts passed"), ""),
    ("sessions_completed", _("Sessions completed"), ""),
    ("study_seconds", _("Time spent learning"), "s"),
    ("perfect_scores", _("Perfect scores"), ""),
    ("active_days", _("Active days"), ""),
    ("current_streak", _("Current streak"), _("days")),
    ("longest_streak", _("Longest streak"), _("days")),
    ("freezes_used", _("Streak freezes used"), ""),
    ("achievements_unlocked", _("Achievements unlocked"), ""),
    ("early_completions", _("Completions before 8 in the morning"), ""),
    ("late_completions", _("Completions from 10 at night on"), ""),
    ("languages", _("Languages practised"), ""),
    ("categories_completed", _("Categories with a passed level"), ""),
    ("words_learned", _("Words learned"), _("words")),
    ("conversations", _("Conversations"), ""),
]


def ensure_built_in_metrics(using: str) -> None:
    """Add those that are missing; existing rows are not changed."""
    metrics = Metric.objects.using(using)
    known = set(metrics.values_list("metric_id", flat=True))
    metrics.bulk_create(
        Metric(metric_id=metric_id, name=name, unit=unit, per_event_max=None, reported_by="", built_in=True)
        for metric_id, name, unit in BUILT_IN
        if metric_id not in known
    )

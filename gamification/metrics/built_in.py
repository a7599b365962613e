"""The metrics that are kept for every learner anyway, as rows of the same table."""

from gamification.models import Metric

# metric_id, name, unit
BUILT_IN = [
    ("completions", "Completions", ""),
    ("levels_completed", "Levels completed", ""),
    ("attempts_passed", "Attempts passed", ""),
    ("sessions_completed", "Sessions completed", ""),
    ("study_seconds", "Time spent learning", "s"),
    ("perfect_scores", "Perfect scores", ""),
    ("active_days", "Active days", ""),
    ("current_streak", "Current streak", "days"),
    ("longest_streak", "Longest streak", "days"),
    ("freezes_used", "Streak freezes used", ""),
    ("achievements_unlocked", "Achievements unlocked", ""),
    ("early_completions", "Completions before 8 in the morning", ""),
    ("late_completions", "Completions from 10 at night on", ""),
    ("languages", "Languages practised", ""),
    ("categories_completed", "Categories with a passed level", ""),
    ("words_learned", "Words learned", "words"),
    ("conversations", "Conversations", ""),
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

import django_filters

from gamification.models import Achievement


class AchievementFilter(django_filters.FilterSet):
    category = django_filters.CharFilter(max_length=50, help_text="Exactly this category.")
    rarity = django_filters.ChoiceFilter(choices=Achievement.Rarity.choices)
    unlocked = django_filters.BooleanFilter(
        "unlocked_at", lookup_expr="isnull", exclude=True, help_text="Only those that I have (true) or lack (false)."
    )

from django.urls import include, path

from .history import HistoryView, PlayerLevelView

urlpatterns = [
    path("xp/history", HistoryView.as_view(), name="xp-history"),
    path("gamification/xp/history", HistoryView.as_view(), name="gamification-xp-history"),
    path("gamification/xp/level", PlayerLevelView.as_view(), name="xp-level"),
    path("", include("gamification.api.leaderboards")),
    path("", include("gamification.api.metrics")),
    path("gamification/", include("gamification.api.xp")),
    path("gamification/streaks/", include("gamification.api.streaks")),
    path("gamification/explain/", include("gamification.api.explanations")),
    path("", include("gamification.api.earnables.urls")),
]

from django.urls import include, path

from .views import HistoryView, PlayerLevelView

urlpatterns = [
    path("xp/history", HistoryView.as_view(), name="xp-history"),
    path("gamification/xp/history", HistoryView.as_view(), name="gamification-xp-history"),
    path("gamification/xp/level", PlayerLevelView.as_view(), name="xp-level"),
    path("", include("gamification.leaderboards.api")),
    path("gamification/", include("gamification.xp_api")),
    path("gamification/streaks/", include("gamification.streak_api")),
    path("gamification/explain/", include("gamification.explain_api")),
    path("", include("gamification.earnables_api.urls")),
]

from django.urls import path

from .views import HistoryView, PlayerLevelView

urlpatterns = [
    path("xp/history", HistoryView.as_view(), name="xp-history"),
    path("gamification/xp/history", HistoryView.as_view(), name="gamification-xp-history"),
    path("gamification/xp/level", PlayerLevelView.as_view(), name="xp-level"),
]

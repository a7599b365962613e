from django.urls import path

from . import achievements, gate, history, leaderboards, profile, streak, views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("sign-up", gate.sign_up, name="sign-up"),
    path("sign-in", gate.sign_in, name="sign-in"),
    path("sign-out", gate.sign_out, name="sign-out"),
    path("dashboard", views.dashboard, name="dashboard"),
    path("gamification", views.dashboard),
    path("streak/check-in", streak.check_in_today, name="check-in"),
    path("streak/freeze", streak.freeze_today, name="freeze"),
    path("achievements", achievements.achievements, name="achievements"),
    path("leaderboards", leaderboards.leaderboards, name="leaderboards"),
    path("leaderboards/<slug:metric>", leaderboards.leaderboards, name="leaderboard"),
    path("history", history.history, name="history"),
    path("profile", profile.profile, name="profile"),
    path("levels", views.catalogue, name="catalogue"),
    path("levels/<slug:level_id>", views.level, name="level"),
    path("levels/<slug:level_id>/play", views.play, name="play"),
]

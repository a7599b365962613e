from django.urls import path

from . import account, achievements, claim, history, icons, leaderboards, password, profile, sign_in, streak, views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("icons/<slug:name>.svg", icons.icon, name="icon"),
    path("sign-up", sign_in.sign_up, name="sign-up"),
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("forgot-password", password.forgot_password, name="forgot-password"),
    path("forgot-password/sent", password.reset_sent, name="reset-sent"),
    path("new-password/done", password.new_password_done, name="new-password-done"),
    path("new-password/<str:token>", password.follow_reset_link, name="reset-link"),
    path("new-password", password.new_password, name="new-password"),
    path("claim/<str:token>", claim.follow_claim_link, name="claim-link"),
    path("claim", claim.claim, name="claim"),
    path("dashboard", views.dashboard, name="dashboard"),
    path("gamification", views.dashboard),
    path("streak/check-in", streak.check_in_today, name="check-in"),
    path("streak/freeze", streak.freeze_today, name="freeze"),
    path("achievements", achievements.achievements, name="achievements"),
    path("leaderboards", leaderboards.leaderboards, name="leaderboards"),
    path("leaderboards/<slug:metric>", leaderboards.leaderboards, name="leaderboard"),
    path("history", history.history, name="history"),
    path("profile", profile.profile, name="profile"),
    path("profile/password", account.change_password, name="change-password"),
    path("profile/erase", account.erase, name="erase"),
    path("erased", account.erased, name="erased"),
    path("levels", views.catalogue, name="catalogue"),
    path("levels/<slug:level_id>", views.level, name="level"),
    path("levels/<slug:level_id>/play", views.play, name="play"),
]

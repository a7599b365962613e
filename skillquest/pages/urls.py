from django.urls import path

from . import gate, views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("sign-up", gate.sign_up, name="sign-up"),
    path("sign-in", gate.sign_in, name="sign-in"),
    path("sign-out", gate.sign_out, name="sign-out"),
    path("dashboard", views.dashboard, name="dashboard"),
    path("gamification", views.dashboard),
    path("levels", views.catalogue, name="catalogue"),
    path("levels/<slug:level_id>", views.level, name="level"),
    path("levels/<slug:level_id>/play", views.play, name="play"),
]

from django.urls import path

from . import views
from .guests.views import GuestView, LinkView

urlpatterns = [
    path("register", views.RegisterView.as_view(), name="register"),
    path("login", views.LoginView.as_view(), name="login"),
    path("refresh", views.RefreshView.as_view(), name="refresh"),
    path("logout", views.LogoutView.as_view(), name="logout"),
    path("guest", GuestView.as_view(), name="guest"),
    path("link", LinkView.as_view(), name="link"),
    path("password", views.PasswordView.as_view(), name="password"),
    path("password/reset", views.AskForResetView.as_view(), name="ask-for-reset"),
    path("password/reset/confirm", views.ResetPasswordView.as_view(), name="reset-password"),
    path("me", views.MeView.as_view(), name="me"),
    path("me/export", views.ExportView.as_view(), name="export"),
]

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "skillquest.accounts"
    label = "accounts"

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "skillquest.pages"
    label = "pages"

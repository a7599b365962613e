from django.apps import AppConfig


class MovingConfig(AppConfig):
    name = "skillquest.moving"
    label = "moving"

from django.apps import AppConfig


class ChartsConfig(AppConfig):
    """Installed for its template tag."""

    name = "charts"

from django.apps import AppConfig


class MachinesConfig(AppConfig):
    name = "skillquest.machines"
    label = "machines"
    verbose_name = "Machines"

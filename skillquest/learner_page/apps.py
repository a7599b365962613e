from django.apps import AppConfig


class LearnerPageConfig(AppConfig):
    name = "skillquest.learner_page"
    label = "learner_page"

from django.urls import path

from .views import SubmitTrainingView, TrainingPathView

urlpatterns = [
    path("sections/<str:category>/path", TrainingPathView.as_view(), name="training-path"),
    path("progress/submit", SubmitTrainingView.as_view(), name="training-submit"),
]

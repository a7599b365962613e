from django.urls import include, path
from rest_framework.routers import SimpleRouter

from .api.views import LevelProgressViewSet, SessionViewSet
from .attempts.views import AttemptViewSet

router = SimpleRouter(trailing_slash=False)
router.register("sessions", SessionViewSet, basename="session")
router.register("levels", LevelProgressViewSet, basename="level-completion")
router.register("attempts", AttemptViewSet, basename="attempt")

urlpatterns = [
    *router.urls,
    path("", include("tracking.plays.api")),
    path("", include("tracking.sync.api")),
    path("", include("tracking.metrics.api")),
    path("", include("tracking.review.api")),
    path("training/", include("tracking.training.urls")),
    path("gamification/explain/", include("tracking.explanations.api")),
    path("", include("tracking.attempts.public_progress_api")),
]

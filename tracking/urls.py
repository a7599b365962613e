from django.urls import include, path
from rest_framework.routers import SimpleRouter

from .views import LevelDeedViewSet, SessionViewSet

router = SimpleRouter(trailing_slash=False)
router.register("sessions", SessionViewSet, basename="session")
router.register("levels", LevelDeedViewSet, basename="level-deed")

urlpatterns = [
    *router.urls,
    path("", include("tracking.sync.api")),
    path("gamification/explain/", include("tracking.explain_api")),
]

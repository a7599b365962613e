from rest_framework.routers import SimpleRouter

from .api.challenges.views import ChallengeViewSet
from .api.views import LevelViewSet

router = SimpleRouter(trailing_slash=False)
router.register("levels", LevelViewSet, basename="level")
router.register("challenges", ChallengeViewSet, basename="challenge")

urlpatterns = router.urls

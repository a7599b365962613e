from rest_framework.routers import SimpleRouter

from .challenges_api.views import ChallengeViewSet
from .views import LevelViewSet

router = SimpleRouter(trailing_slash=False)
router.register("levels", LevelViewSet, basename="level")
router.register("challenges", ChallengeViewSet, basename="challenge")

urlpatterns = router.urls

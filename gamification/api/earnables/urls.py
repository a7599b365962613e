from rest_framework.routers import SimpleRouter

from .achievements import AchievementViewSet
from .badges import BadgeViewSet

router = SimpleRouter(trailing_slash=False)
router.register("gamification/achievements", AchievementViewSet, basename="achievement")
router.register("badges", BadgeViewSet, basename="badge")

urlpatterns = router.urls

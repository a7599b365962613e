from rest_framework.routers import SimpleRouter

from .views import LevelViewSet

router = SimpleRouter(trailing_slash=False)
router.register("levels", LevelViewSet, basename="level")

urlpatterns = router.urls

from django.db.models import QuerySet
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.response import Response

from gamification.models import LedgerEntry
from gamification.profiles.standing import player_level, profile_of

from . import docs
from .filters import HistoryFilter
from .serializers import LedgerEntrySerializer, PlayerLevelSerializer


@docs.history
class HistoryView(ListAPIView):
    queryset = LedgerEntry.objects.newest_first()
    serializer_class = LedgerEntrySerializer
    filterset_class = HistoryFilter
    key_scopes = {"GET": "read"}

    def get_queryset(self) -> QuerySet[LedgerEntry]:
        return super().get_queryset().filter(learner=self.request.user)


class PlayerLevelView(GenericAPIView):
    serializer_class = PlayerLevelSerializer
    key_scopes = {"GET": "read"}

    @docs.level
    def get(self, request) -> Response:
        total_xp = profile_of(request.user).total_xp
        return Response(PlayerLevelSerializer({"total_xp": total_xp, **vars(player_level(total_xp))}).data)

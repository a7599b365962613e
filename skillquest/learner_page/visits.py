"""Who looks at which learner, when, and what they may see and do there."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from gamification.models import LearnerProfile


@dataclass(frozen=True)
class Visit:
    """`profile` is read with its user."""

    request: HttpRequest
    profile: LearnerProfile
    at: datetime

    @property
    def learner_id(self) -> int:
        return self.profile.pk

    @property
    def is_erased(self) -> bool:
        return self.profile.erased_at is not None

    @property
    def is_own(self) -> bool:
        return self.learner_id == self.request.user.pk

    def may_view(self, model: type[Model]) -> bool:
        """Whether the admin shows them the list of these rows."""
        return bool(admin.site.get_model_admin(model).has_view_permission(self.request))

    def may_act(self, permission: str) -> bool:
        """Nobody acts on an erased person, or changes their own XP, days, badges or standing."""
        return not self.is_erased and not self.is_own and self.request.user.has_perm(permission)

from django.contrib import admin

from gamification.limit_sets.descriptions import GROUPS, NUMBERS
from gamification.limit_sets.publishing import publish_limit_set
from gamification.models import LimitSet
from gamification.pricing.limits import validate_limits

from .version_forms import fieldsets_of, form_of
from .versions import VersionAdmin


@admin.register(LimitSet)
class LimitSetAdmin(VersionAdmin):
    form = form_of(LimitSet, NUMBERS, validate_limits)
    described, form_fieldsets = NUMBERS, fieldsets_of(GROUPS)
    publish_template = "admin/gamification/limitset/publish.html"
    publish_service = publish_limit_set

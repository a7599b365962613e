"""What the admin pages of catalogues have in common."""

from .texts import normal_form


class NormalSearchMixin:
    """For a ModelAdmin of rows whose texts are stored in normal form."""

    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, normal_form(search_term))

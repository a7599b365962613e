"""Below admin/, for every model that the admin shows."""

from django.contrib import admin
from django.urls import path, register_converter

from .views import export_list
from .writing import NAMES


class ColumnsConverter:
    regex = "list|fields"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class FormatConverter(ColumnsConverter):
    regex = "|".join(NAMES)


register_converter(ColumnsConverter, "exported_columns")
register_converter(FormatConverter, "file_ending")

urlpatterns = [
    path(
        "<str:app>/<str:model>/<exported_columns:columns>.<file_ending:ending>",
        admin.site.admin_view(export_list),
        name="export-list",
    ),
]

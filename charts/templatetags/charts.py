"""`{% load charts %}{% chart some_chart %}`; the page also needs the style sheet skillquest/charts.css."""

from typing import Any

from django import template

from charts import Cell, Chart
from charts.drawing import colour
from charts.numbers import as_text

register = template.Library()


@register.inclusion_tag("charts/chart.html")
def chart(shown: Chart) -> dict[str, Any]:
    """The drawing with its title, its legend, and its table, which opens on a click."""
    legend = [(colour(number), series.name) for number, series in enumerate(shown.series)]
    return {"chart": shown, "legend": legend if len(legend) > 1 else []}


@register.filter
def chart_value(value: Cell) -> str:
    return value if isinstance(value, str) else as_text(value)

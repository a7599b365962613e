"""Charts drawn on the server as SVG, each with the table of its numbers. Pure: no models, no settings of its own."""

from .bars import bar_chart
from .charts import Cell, Chart, Series, Table
from .lines import line_chart
from .rows import row_chart

__all__ = ["Cell", "Chart", "Series", "Table", "bar_chart", "line_chart", "row_chart"]

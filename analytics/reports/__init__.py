"""What the pages show, each read from the tables of figures alone."""

from .base import Figures, Filters, Report
from .pages import PAGES, Page, report_named

__all__ = ["PAGES", "Figures", "Filters", "Page", "Report", "report_named"]

"""The figures that the reports show, in the form of `expected`."""

from analytics.reports import PAGES, Filters
from analytics.rolling.jobs import analytics_now


def shown(today, weeks, section=""):
    filters, analytics = Filters(weeks=weeks, section=section, today=today), analytics_now()
    figures = {report.name: report.read(filters, analytics) for page in PAGES for report in page.reports}
    only = {name: each.charts[0].series for name, each in figures.items()}
    rows = {name: [list(row) for row in each.file.rows] for name, each in figures.items()}
    return {
        **{
            name: values(only[name])
            for name in ("active-daily", "active-weekly", "active-monthly", "streaks", "levels")
        },
        **{name: rows[name] for name in ("retention", "funnel", "questions", "achievements")},
        **{
            name: {each.name: list(each.values) for each in only[name]} for name in ("freezes", "xp-source", "xp-trust")
        },
        "xp-detailed": {tuple(row[:3]): row[3] for row in rows["xp-source"]},
    }


def values(series):
    """Of the only one."""
    return list(series[0].values)

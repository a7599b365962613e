"""Which reports there are, and on which page."""

from dataclasses import dataclass

from . import achievements, activity, learning, retention, xp
from .base import Report

OWN_DATES = "By the learners' own dates."
UTC_DATES = "By UTC dates."


@dataclass(frozen=True)
class Page:
    name: str
    title: str
    reports: list[Report]

    @property
    def has_section(self) -> bool:
        return any(report.has_section for report in self.reports)

    @property
    def has_range(self) -> bool:
        return any(report.has_range for report in self.reports)


ACTIVITY = [
    Report(
        "active-daily",
        "Active by day",
        f"Learners with an active day of their streak. {OWN_DATES}",
        activity.active_daily,
    ),
    Report("active-weekly", "Active by week", f"Each learner once a week. {OWN_DATES}", activity.active_weekly),
    Report("active-monthly", "Active by month", f"Each learner once a month. {OWN_DATES}", activity.active_monthly),
    Report(
        "retention",
        "Retention",
        "Of those who joined in a week: how many were active in it (week 0) and in later weeks. The week that is not "
        "over counts so far. Joining is by UTC dates, activity by the learners' own.",
        retention.retention,
    ),
    Report(
        "streaks",
        "Streak survival",
        "Of the learners who were ever active: how many have had a streak of at least so many days.",
        activity.streak_survival,
        has_range=False,
    ),
    Report(
        "freezes", "Freeze use", f"Streak freezes granted, used for a date, and returned. {OWN_DATES}", activity.freezes
    ),
]
LEARNING = [
    Report(
        "funnel",
        "Funnel by level",
        "Learners who began a session or sent a result, whose result counted, and who passed. "
        f"Levels that nobody started are left out. {UTC_DATES}",
        learning.funnel,
        has_section=True,
    ),
    Report(
        "questions",
        "Hardest questions",
        f"The share of wrong answers in plays that ended and in reviews, of questions with at least "
        f"{learning.FEWEST_ANSWERS} answers. {UTC_DATES}",
        learning.hardest_questions,
        has_section=True,
    ),
]
XP = [
    Report(
        "xp-source",
        "XP by source",
        f"What was taken back is off the day that had earned it. {UTC_DATES}",
        xp.xp_by_source,
    ),
    Report("xp-trust", "XP by trust", f"Who judged the results that paid it. {UTC_DATES}", xp.xp_by_trust),
    Report("levels", "Levels of learners", "By total XP and the rules in force.", xp.player_levels, has_range=False),
    Report(
        "achievements",
        "Unlock rates",
        "The share of all learners who hold each published achievement.",
        achievements.unlock_rates,
        has_range=False,
    ),
]
PAGES = [
    Page("activity", "Activity", ACTIVITY),
    Page("learning", "Levels and questions", LEARNING),
    Page("xp", "XP and achievements", XP),
]


def report_named(name: str) -> Report | None:
    return next((report for page in PAGES for report in page.reports if report.name == name), None)

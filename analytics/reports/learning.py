"""How far learners get in each level, and which questions they answer wrongly."""

from typing import Any

from django.db.models import F, FloatField, QuerySet, Sum
from django.db.models.functions import Cast

from analytics.models import Analytics, LevelReach, QuestionDay
from charts import Cell, Series, Table, row_chart
from levels.models import Level

from .base import Figures, Filters, percent

LEVELS_SHOWN = 30
QUESTIONS_SHOWN = 20
FEWEST_ANSWERS = 5  # of a question, below which its share of wrong answers says little


def funnel(filters: Filters, _: Analytics) -> Figures:
    rows = _in_order(LevelReach.objects.filter(weeks=filters.weeks, started__gt=0), filters)
    reach = list(rows.select_related("level"))
    shown = reach[:LEVELS_SHOWN]
    chart = row_chart(
        [row.level.name for row in shown],
        [
            Series("Started", [row.started for row in shown]),
            Series("Finished", [row.finished for row in shown]),
            Series("Passed", [row.passed for row in shown]),
        ],
        title="Learners who started, finished and passed",
        axis="Level",
    )
    return Figures([chart], _funnel_table(reach), note=_only(len(shown), len(reach)))


def _funnel_table(reach: list[LevelReach]) -> Table:
    header = ["Level", "Section", "Level ID", "Started", "Finished", "Passed", "Finished, %", "Passed, %"]
    lines: list[list[Cell]] = [
        [
            *(row.level.name, row.level.category, row.level.level_id, row.started, row.finished, row.passed),
            *(percent(row.finished, row.started), percent(row.passed, row.started)),
        ]
        for row in reach
    ]
    return Table(header, lines)


def hardest_questions(filters: Filters, _: Analytics) -> Figures:
    hardest = list(_hardest(filters))
    shares = [percent(row["wrongs"], row["given"]) for row in hardest]
    chart = row_chart(
        [" ".join(row["question__prompt"].split()) for row in hardest],
        [Series("Wrong answers", shares)],
        title="Questions with the most wrong answers",
        unit="%",
        axis="Question",
    )
    header = ["Question", "Question ID", "Level", "Answers", "Wrong", "Wrong, %"]
    lines = [[*row.values(), share] for row, share in zip(hardest, shares, strict=True)]
    return Figures([chart], Table(header, lines))


def _hardest(filters: Filters) -> Any:
    """The first of equals is the one that was answered more often."""
    days = QuestionDay.objects.filter(date__range=(filters.first, filters.today))
    if filters.section:
        days = days.filter(question__level__category=filters.section)
    sums = days.values("question__prompt", "question__question_id", "question__level__name").annotate(
        given=Sum("answers"), wrongs=Sum("wrong")
    )
    share = Cast(F("wrongs"), FloatField()) / F("given")
    enough = sums.filter(given__gte=FEWEST_ANSWERS, wrongs__gt=0)
    return enough.order_by(share.desc(), "-given", "question__question_id")[:QUESTIONS_SHOWN]


def sections() -> list[str]:
    return list(Level.objects.order_by("category").values_list("category", flat=True).distinct())


def _in_order(rows: "QuerySet[LevelReach]", filters: Filters) -> "QuerySet[LevelReach]":
    if filters.section:
        rows = rows.filter(level__category=filters.section)
    return rows.order_by("level__category", "level__unit", "level__position", "level__level_id")


def _only(shown: int, of_all: int) -> str:
    """Empty when all are shown."""
    return f"The first {shown} of {of_all} levels; choose a section, or take the CSV." if shown < of_all else ""

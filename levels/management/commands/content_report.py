from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Prefetch

from levels.models import Level, Question
from levels.questions.report import MAX_GUESS_CHANCE, duplicates, report_on


class Command(BaseCommand):
    help = (
        "Show the published questions of each level: how many, of which kinds, how many a play asks, and how likely "
        "somebody who only guesses passes. Fails if that is 5 % or more for a level, or if two questions have the "
        "same prompt."
    )

    def handle(self, **options: Any) -> None:
        published = Prefetch("questions", Question.objects.published())
        levels = list(Level.objects.in_order().prefetch_related(published))
        reports = [report_on(level, list(level.questions.all())) for level in levels if level.questions.all()]
        for report in reports:
            self.stdout.write(str(report))
        if empty := [level.level_id for level in levels if not level.questions.all()]:
            self.stdout.write(f"Levels without questions ({len(empty)}): {', '.join(empty)}")
        problems = [
            f"{report.level_id}: guessers pass too often, {float(MAX_GUESS_CHANCE):.0%} or more."
            for report in reports
            if report.is_too_easy
        ]
        same = duplicates(question for level in levels for question in level.questions.all())
        problems += [f"The same prompt: {', '.join(ids)}." for ids in same]
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(self.style.SUCCESS("No problems."))

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Prefetch

from catalogues.missing_translations import missing_translations
from levels.models import Level, Question
from levels.questions.report import MAX_GUESS_CHANCE, LevelReport, count_by_language, duplicates, report_on

LANGUAGES = [code for code, _name in settings.LANGUAGES]


class Command(BaseCommand):
    help = (
        "Show the published questions of each level: how many, of which kinds, how many a play asks, and how likely "
        "somebody who only guesses passes; of each category and language, how many there are; and which levels have "
        "none. Fails if guessers pass 5 % or more of a level's plays, if two questions have the same prompt in a "
        "language, or if a published row lacks texts in a language."
    )

    def handle(self, **options: Any) -> None:
        published = Prefetch("questions", Question.objects.published())
        levels = list(Level.objects.visible().completable().in_order().prefetch_related(published))
        reports = [report_on(level, list(level.questions.all())) for level in levels if level.questions.all()]
        for line in [*map(str, reports), *_categories(levels), _content(levels)]:
            self.stdout.write(line)
        questions = [question for level in levels for question in level.questions.all()]
        if problems := [*_guessable(reports), *_same(questions), *map(str, missing_translations())]:
            raise CommandError("\n".join(problems))
        self.stdout.write(self.style.SUCCESS("No problems."))


def _categories(levels: Sequence[Level]) -> list[str]:
    questions: dict[str, list[Question]] = defaultdict(list)
    for level in levels:
        questions[level.category] += level.questions.all()
    counts = {category: count_by_language(rows, LANGUAGES) for category, rows in sorted(questions.items())}
    return [
        f"{category}: {', '.join(f'{count} questions in {language}' for language, count in by_language.items())}"
        for category, by_language in counts.items()
    ]


def _content(levels: Sequence[Level]) -> str:
    empty = [level.level_id for level in levels if not level.questions.all()]
    names = f": {', '.join(empty)}" if empty else ""
    return f"Levels: {len(levels)}, without content: {len(empty)}{names}"


def _guessable(reports: Sequence[LevelReport]) -> list[str]:
    return [
        f"{report.level_id}: guessers pass too often, {float(MAX_GUESS_CHANCE):.0%} or more."
        for report in reports
        if report.is_too_easy
    ]


def _same(questions: Sequence[Question]) -> list[str]:
    return [
        f"The same prompt in “{language}”: {', '.join(ids)}."
        for language in LANGUAGES
        for ids in duplicates(questions, language)
    ]

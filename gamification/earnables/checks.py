"""System checks: conditions are valid in the shipped files and, with `check --database`, in the database."""

from collections.abc import Iterable, Iterator

from django.core import checks
from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import Prefetch, QuerySet

from catalogues.files import CatalogueError
from gamification.conditions.metrics import announced
from gamification.conditions.schema import validate_condition
from gamification.models import Achievement, Badge, Earnable, Requirement
from gamification.models.earnables import requirements_of

from .catalogue import shipped_files
from .catalogue_files import read_catalogue_file


@checks.register
def check_shipped_files(**_) -> list[checks.CheckMessage]:
    problems = []
    with announced([], with_rows=False):
        for path in shipped_files():
            try:
                read_catalogue_file(path)
            except CatalogueError as error:
                problems.append(checks.Error(str(error), id="gamification.E010"))
    return problems


@checks.register(checks.Tags.database)
def check_stored_conditions(*, databases=None, **_) -> list[checks.CheckMessage]:
    return [
        problem
        for alias in databases or []
        for model in (Achievement, Badge)
        if model._meta.db_table in connections[alias].introspection.table_names()
        for row in _with_requirements(model, alias)
        for problem in _problems_of(row)
    ]


def _with_requirements(model: type[Earnable], alias: str) -> QuerySet[Earnable]:
    rows = Prefetch("requirements", Requirement.objects.using(alias), to_attr="stored")
    return model.objects.using(alias).prefetch_related(rows)


def _problems_of(row: Earnable) -> Iterator[checks.CheckMessage]:
    name = f"{row._meta.verbose_name} “{row}”"
    try:
        if row.condition is not None or isinstance(row, Achievement):
            validate_condition(row.condition)
    except ValidationError as error:
        yield checks.Error(f"The {name} cannot be earned. {error.messages[0]}", id="gamification.E011")
        return
    if _thresholds(requirements_of(row)) != _thresholds(row.stored):
        yield checks.Error(
            f"The requirements of the {name} differ from its condition.",
            hint="Save it again.",
            id="gamification.E012",
        )


def _thresholds(requirements: Iterable[Requirement]) -> set[tuple[str, int]]:
    return {(requirement.metric, requirement.threshold) for requirement in requirements}

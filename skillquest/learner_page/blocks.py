"""What the page consists of: facts, and tables of the newest rows, each with a link to the whole list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.urls import reverse

SHOWN = 10  # rows of a table


@dataclass(frozen=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True)
class Share:
    """So many of all."""

    part: int
    whole: int


@dataclass(frozen=True)
class Opens:
    """A longer text, folded behind its summary."""

    summary: str
    text: str


Cell = str | int | Link | Share | Opens


@dataclass(frozen=True)
class Facts:
    title: str
    pairs: list[tuple[str, Cell]]


@dataclass(frozen=True)
class Block:
    """`empty` is said where there are no rows; `everything` is the address of the whole list.

    `older` is that of the next rows, for a table that has no list of its own; empty at its end.
    """

    title: str
    columns: list[str]
    rows: list[list[Cell]]
    empty: str
    everything: str = ""
    older: str = ""

    @property
    def named_rows(self) -> list[list[tuple[str, Cell]]]:
        """Each cell with the name of its column, which stands beside it on a phone."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


def all_of(model: type[Model], learner_id: int) -> str:
    """The address of the model's list in the admin, filtered by the learner."""
    return f"{reverse(_page('changelist', model))}?learner__id__exact={learner_id}"


def link_to(row: Model, text: object) -> Link:
    return Link(str(text), reverse(_page("change", type(row)), args=[row.pk]))


def moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "-"


def _page(kind: str, model: type[Model]) -> str:
    options: Any = model._meta
    return f"admin:{options.app_label}_{options.model_name}_{kind}"

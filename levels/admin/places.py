"""What the form of a level suggests for its place in the catalogue."""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from django.db.models import Value

from levels.models import Level, Section


class Place(NamedTuple):
    """A section with one of its units, if it has any, or the category of a level: then only `category` is not empty."""

    category: str
    title: str
    order: int
    unit: str | None
    unit_title: str | None
    unit_order: int | None


class Places:
    """Read in one statement when the form asks for the first of them."""

    def categories(self) -> Iterator[tuple[str, str]]:
        """Sections with their titles, and what else levels have as their category."""
        sections = {place.category: place.title for place in self._all if place.title}
        yield from sections.items()
        yield from ((place.category, "") for place in self._all if place.category not in sections)

    def units(self) -> Iterator[tuple[str, str]]:
        yield from ((place.unit, f"{place.title}: {place.unit_title}") for place in self._all if place.unit)

    @cached_property
    def _all(self) -> list[Place]:
        of_units = ("units__unit_id", "units__title", "units__order")
        sections = Section.objects.order_by().values_list("section_id", "title", "order", *of_units)
        nothing = (Value(""), Value(0), Value(""), Value(""), Value(0))
        categories = Level.objects.order_by().values_list("category", *nothing)
        places = (Place(*row) for row in sections.union(categories))
        return sorted(places, key=lambda place: (place.order, place.category, place.unit_order or 0, place.unit or ""))

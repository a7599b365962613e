"""Compares two schemas of one value: can clients that were written for the old one live with the new one?"""

from collections.abc import Mapping
from typing import Any

from .differences import Difference, Direction, Kind, Place

Schema = Mapping[str, Any]

NOTES = {"description", "example", "discriminator", "writeOnly", "readOnly", "title", "deprecated"}
UPPER_BOUNDS = ("maximum", "maxLength", "maxItems")
LOWER_BOUNDS = ("minimum", "minLength", "minItems")
COMPARED = {
    *("$ref", "allOf", "oneOf", "anyOf", "type", "enum", "const", "format", "pattern", "default"),
    *("items", "properties", "required", "additionalProperties"),
    *UPPER_BOUNDS,
    *LOWER_BOUNDS,
}


class SchemaComparison:
    """Collects the differences in `found`; a schema that operations share is compared once for each direction."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self.documents = (old, new)
        self.found: list[Difference] = []
        self.seen: set[tuple[str, Direction]] = set()

    def compare(self, old: Schema, new: Schema, place: Place) -> None:
        before, after = (variants(each, document) for each, document in zip((old, new), self.documents, strict=True))
        if len(before) == len(after) == 1 and before.keys() != after.keys():
            self.compare_plain(*before.values(), *after.values(), place)  # a shared schema may change its name
        else:
            self.compare_variants(before, after, place)

    def add(self, kind: Kind, what: str, place: Place) -> None:
        self.found.append(place.difference(kind, what))

    def only_for(self, harmless: Direction, what: str, place: Place) -> None:
        """A difference that clients do not notice in one direction, and that breaks them in the other."""
        kind = Kind.BREAK if place.direction != harmless else Kind.ADDITION if harmless == "request" else Kind.CHANGE
        self.add(kind, what, place)

    def compare_variants(self, old: dict[str, Schema], new: dict[str, Schema], place: Place) -> None:
        for name in sorted(old.keys() & new.keys()):
            self.compare_same(name, old[name], new[name], place)
        for name in sorted(old.keys() - new.keys()):
            if not (place.direction == "request" and any(self.fits(old[name], each, place) for each in new.values())):
                self.only_for(Direction.ANSWER, f"is no longer {name}", place)
        for name in sorted(new.keys() - old.keys()):
            if place.direction == "answer" and any(self.fits(each, new[name], place) for each in old.values()):
                self.add(Kind.ADDITION, f"may be {name}", place)
            else:
                self.only_for(Direction.REQUEST, f"may be {name}", place)

    def compare_same(self, name: str, old: Schema, new: Schema, place: Place) -> None:
        """What is in a schema that operations share is said of that schema, and once."""
        if name not in self.documents[0]["components"]["schemas"]:
            self.compare_plain(old, new, place)
        elif (name, place.direction) not in self.seen:
            self.seen.add((name, place.direction))
            self.compare_plain(old, new, Place(name, place.direction))

    def fits(self, old: Schema, new: Schema, place: Place) -> bool:
        """Whether clients that know the old schema can take the new one for it."""
        trial = SchemaComparison(*self.documents)
        trial.compare_plain(old, new, place)
        return all(each.kind != Kind.BREAK for each in trial.found)

    def compare_plain(self, old: Schema, new: Schema, place: Place) -> None:
        if old.get("type") != new.get("type") and not self.compare_types(old, new, place):
            return
        self.compare_values(old, new, place)
        self.compare_formats(old, new, place)
        if place.direction == "request":
            self.compare_bounds(old, new, place)
        self.compare_fields(old, new, place)
        if "items" in old and "items" in new:
            self.compare(old["items"], new["items"], place.down("[]"))
        self.compare_free_fields(old, new, place)

    def compare_types(self, old: Schema, new: Schema, place: Place) -> bool:
        """Whether the rest of the two can be compared."""
        before, after = old.get("type"), new.get("type")
        what = f"is {after or 'anything'} instead of {before or 'anything'}"
        if (before, after) == ("integer", "number") or after is None:
            self.only_for(Direction.REQUEST, what, place)
        elif (before, after) == ("number", "integer") or before is None:
            self.only_for(Direction.ANSWER, what, place)
        else:
            self.add(Kind.BREAK, what, place)
        return {before, after} == {"integer", "number"}

    def compare_values(self, old: Schema, new: Schema, place: Place) -> None:
        before, after = values_of(old), values_of(new)
        if before is None and after is not None:
            self.only_for(Direction.ANSWER, "is limited to certain values", place)
        elif before is not None and after is None:
            # In an answer too: clients expect further values of an enumeration, and this is all of them.
            self.add(Kind.ADDITION, "may have any value", place)
        elif before is not None and after is not None:
            for value in sorted(before - after):
                self.add(Kind.BREAK, f"no longer has the value `{value}`", place)
            for value in sorted(after - before):
                self.add(Kind.ADDITION, f"has the value `{value}`", place)

    def compare_formats(self, old: Schema, new: Schema, place: Place) -> None:
        before, after = old.get("format"), new.get("format")
        if before and after and before != after:
            self.add(Kind.BREAK, f"has the format {after} instead of {before}", place)
        elif before and not after:
            self.only_for(Direction.REQUEST, f"no longer has the format {before}", place)
        elif after and not before:
            self.only_for(Direction.ANSWER, f"has the format {after}", place)

    def compare_bounds(self, old: Schema, new: Schema, place: Place) -> None:
        """Only of requests: that a value in an answer has a bound is a fact of today, not a promise."""
        for name in (*UPPER_BOUNDS, *LOWER_BOUNDS):
            if old.get(name) != new.get(name):
                wider = name not in new or (name in old and is_wider(name, old[name], new[name]))
                what = f"has the {name} {new.get(name, 'none')} instead of {old.get(name, 'none')}"
                self.add(Kind.ADDITION if wider else Kind.BREAK, what, place)
        if old.get("pattern") != new.get("pattern"):
            self.add(Kind.BREAK if "pattern" in new else Kind.ADDITION, "has another pattern", place)
        if old.get("default") != new.get("default"):
            self.add(Kind.BREAK, f"has the default {new.get('default')} instead of {old.get('default')}", place)

    def compare_fields(self, old: Schema, new: Schema, place: Place) -> None:
        before, after = old.get("properties", {}), new.get("properties", {})
        required_before, required_after = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(before.keys() - after.keys()):
            self.add(Kind.BREAK, "is gone", place.down(name))
        for name in sorted(after.keys() - before.keys()):
            breaks = place.direction == "request" and name in required_after
            what = "is new and required" if breaks else "is new"
            self.add(Kind.BREAK if breaks else Kind.ADDITION, what, place.down(name))
        for name in sorted(before.keys() & after.keys()):
            if name in required_after - required_before:
                self.only_for(Direction.ANSWER, "is required", place.down(name))
            if name in required_before - required_after:
                self.only_for(Direction.REQUEST, "is no longer required", place.down(name))
            self.compare(before[name], after[name], place.down(name))

    def compare_free_fields(self, old: Schema, new: Schema, place: Place) -> None:
        before, after = old.get("additionalProperties", False), new.get("additionalProperties", False)
        if isinstance(before, dict) and isinstance(after, dict):
            self.compare(before, after, place.down("*"))
        elif before != after:
            takes_more = after is not False and before is False
            what = "has fields of any name" if takes_more else "has other fields of any name"
            self.add(Kind.ADDITION if takes_more else Kind.BREAK, what, place)


def is_wider(bound: str, old: float, new: float) -> bool:
    return new > old if bound in UPPER_BOUNDS else new < old


def values_of(schema: Schema) -> set[str] | None:
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if values is None else {str(value) for value in values}


def variants(schema: Schema, document: Schema) -> dict[str, Schema]:
    """The alternatives that a value may be, without references, by their names: a shared schema or a type."""
    found: dict[str, Schema] = {}
    for each in schema.get("oneOf", schema.get("anyOf", [schema])):
        resolved = resolve(each, document)
        if is_alternatives(resolved):
            found |= variants(resolved, document)
        elif isinstance(resolved.get("type"), list):
            found |= {name: {**resolved, "type": name} for name in resolved["type"]}
        else:
            name = name_of(each) or resolved.get("type") or "anything"
            found[name if name not in found else f"{name} ({len(found)})"] = resolved
    return found


def name_of(schema: Schema) -> str | None:
    """The name of the shared schema that a schema is, also where only a description was added to it."""
    (part,) = schema.get("allOf", [schema])
    return part["$ref"].rpartition("/")[-1] if "$ref" in part else None


def is_alternatives(schema: Schema) -> bool:
    return "oneOf" in schema or "anyOf" in schema


def resolve(part: Schema, document: Schema) -> Schema:
    """What a reference refers to, in any section of the document; anything else is returned as it is."""
    if "allOf" in part:
        (only,) = part["allOf"]
        return resolve(only, document)
    if "$ref" not in part:
        return part
    found: Any = document
    for name in part["$ref"].split("/")[1:]:
        found = found[name]
    return resolve(found, document)


def keywords_of(schema: Any) -> set[str]:
    """Of a schema and of those inside it."""
    if not isinstance(schema, dict):
        return set()
    inside = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    inside += [each for keyword in ("oneOf", "anyOf", "allOf") for each in schema.get(keyword, [])]
    return set(schema).union(*map(keywords_of, inside))

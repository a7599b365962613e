"""Compares two OpenAPI documents, operation by operation."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from .differences import Difference, Direction, Kind, Place
from .schemas import SchemaComparison, resolve

Part = Mapping[str, Any]


def compare_documents(old: Part, new: Part, *, today: date) -> list[Difference]:
    """What differs, sorted. An operation may be removed after its `x-sunset`, which decides by `today`."""
    return sorted(set(DocumentComparison(old, new, today).differences()))


class DocumentComparison:
    def __init__(self, old: Part, new: Part, today: date) -> None:
        self.old, self.new, self.today = old, new, today
        self.schemas = SchemaComparison(old, new)

    def differences(self) -> Iterator[Difference]:
        before, after = operations_of(self.old), operations_of(self.new)
        for name in before.keys() - after.keys():
            yield self.removed(name, before[name])
        for name in after.keys() - before.keys():
            yield Difference(Kind.ADDITION, after[name]["operationId"], f"{name} is new")
        for name in sorted(before.keys() & after.keys()):
            yield from self.compare_operation(name, before[name], after[name])
        yield from self.schemas.found

    def removed(self, name: str, operation: Part) -> Difference:
        sunset = operation.get("x-sunset") if operation.get("deprecated") else None
        may_go = sunset is not None and date.fromisoformat(sunset) < self.today
        return Difference(Kind.REMOVAL if may_go else Kind.BREAK, operation["operationId"], f"{name} is gone")

    def compare_operation(self, name: str, old: Part, new: Part) -> Iterator[Difference]:
        subject = old["operationId"]
        if new["operationId"] != subject:
            yield Difference(Kind.BREAK, subject, f"{name} is called {new['operationId']}")
        yield from compare_deprecation(subject, old, new)
        yield from compare_names(subject, "sign-in by", security_of(old), security_of(new))
        yield from self.compare_parameters(subject, old, new)
        yield from self.compare_body(subject, old.get("requestBody"), new.get("requestBody"))
        yield from self.compare_responses(subject, old["responses"], new["responses"])

    def compare_parameters(self, subject: str, old: Part, new: Part) -> Iterator[Difference]:
        before, after = parameters_of(old), parameters_of(new)
        for name in before.keys() - after.keys():
            yield Difference(Kind.BREAK, subject, f"{name} is gone")
        for name in after.keys() - before.keys():
            kind, what = (Kind.BREAK, "new and required") if is_required(after[name]) else (Kind.ADDITION, "new")
            yield Difference(kind, subject, f"{name} is {what}")
        for name in sorted(before.keys() & after.keys()):
            if is_required(after[name]) != is_required(before[name]):
                yield required(subject, name, is_required(after[name]))
            place = Place(subject, Direction.REQUEST, (name,))
            self.schemas.compare(before[name]["schema"], after[name]["schema"], place)

    def compare_body(self, subject: str, old: Part | None, new: Part | None) -> Iterator[Difference]:
        if old is None or new is None:
            if old is not new:
                takes_more = old is None and not is_required(new or {})
                what = "a body is taken" if old is None else "a body is no longer taken"
                yield Difference(Kind.ADDITION if takes_more else Kind.BREAK, subject, what)
            return
        if is_required(old) != is_required(new):
            yield required(subject, "the body", is_required(new))
        yield from self.compare_contents(subject, old, new, Place(subject, Direction.REQUEST))

    def compare_responses(self, subject: str, old: Part, new: Part) -> Iterator[Difference]:
        yield from compare_names(subject, "status", set(old), set(new))
        for status in sorted(old.keys() & new.keys()):
            before, after = resolve(old[status], self.old), resolve(new[status], self.new)
            headers = (set(each.get("headers", {})) for each in (before, after))
            yield from compare_names(subject, f"status {status}: header", *headers)
            place = Place(subject, Direction.ANSWER, (status,))
            yield from self.compare_contents(subject, before, after, place)

    def compare_contents(self, subject: str, old: Part, new: Part, place: Place) -> Iterator[Difference]:
        before, after = old.get("content", {}), new.get("content", {})
        yield from compare_names(subject, " ".join([place.direction, *place.field, "as"]), set(before), set(after))
        for content_type in sorted(before.keys() & after.keys()):
            self.schemas.compare(before[content_type]["schema"], after[content_type]["schema"], place)


def operations_of(document: Part) -> dict[str, Part]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def parameters_of(operation: Part) -> dict[str, Part]:
    return {f"{each['in']} parameter {each['name']}": each for each in operation.get("parameters", [])}


def security_of(operation: Part) -> set[str]:
    """The ways to sign in; one without a name where it is not needed."""
    return {" and ".join(sorted(each)) or "nobody" for each in operation["security"] or [{}]}


def is_required(part: Part) -> bool:
    return bool(part.get("required", False))


def required(subject: str, name: str, now: bool) -> Difference:
    what = f"{name} is required" if now else f"{name} is no longer required"
    return Difference(Kind.BREAK if now else Kind.ADDITION, subject, what)


def compare_names(subject: str, what: str, old: set[str], new: set[str]) -> Iterator[Difference]:
    for name in old - new:
        yield Difference(Kind.BREAK, subject, f"{what} {name} is gone")
    for name in new - old:
        yield Difference(Kind.ADDITION, subject, f"{what} {name} is new")


def compare_deprecation(subject: str, old: Part, new: Part) -> Iterator[Difference]:
    before, after = (each.get("deprecated", False) for each in (old, new))
    if after and not before:
        yield Difference(Kind.DEPRECATION, subject, f"deprecated until {new['x-sunset']}")
    elif before and not after:
        yield Difference(Kind.CHANGE, subject, "no longer deprecated")
    elif after and old["x-sunset"] != new["x-sunset"]:
        kind = Kind.BREAK if new["x-sunset"] < old["x-sunset"] else Kind.CHANGE
        yield Difference(kind, subject, f"deprecated until {new['x-sunset']} instead of {old['x-sunset']}")

"""Two people edit one row: what the first has changed since the second opened the page, and both changes together."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.text import Truncator, capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from change_history.values import EMPTY, leaves

MOST_VERSIONS = 50  # that are looked through
LONGEST = 80  # characters of a value in a sentence

Links = Mapping[str, Sequence[Model]]
Fingerprint = Callable[[Model, Links], str]


@dataclass
class Earlier:
    """A row as it was, its relations by name, and the versions since then, newest first."""

    row: Model
    links: dict[str, Sequence[Model]] = field(default_factory=dict)
    since: list[Any] = field(default_factory=list)

    def undo(self, version: Any) -> None:
        for name, (before, _after) in version.changes.items():
            if name in self.links:
                self.links[name] = _linked(self.row, name, before or [])
                continue
            try:
                model_field: Any = self.row._meta.get_field(name)
            except FieldDoesNotExist:  # of an earlier version of SkillQuest
                continue
            setattr(self.row, model_field.attname, model_field.to_python(before))
        self.since.append(version)


def earlier_version(stored: Model, opened: str, fingerprint: Fingerprint) -> Earlier | None:
    """The row as it was when its fingerprint was `opened`; None where the history does not reach so far."""
    history = getattr(type(stored), "history", None)
    if history is None:
        return None
    names = type(stored)._change_history.links  # type: ignore[attr-defined]
    earlier = Earlier(copy(stored), {name: list(getattr(stored, name).all()) for name in names})
    versions = history.filter(**{stored._meta.pk.attname: stored.pk}).select_related("history_user")
    for version in versions[:MOST_VERSIONS]:
        if version.history_type == "+":
            break
        earlier.undo(version)
        if fingerprint(earlier.row, earlier.links) == opened:
            return earlier
    return None


def take_over(form: Any, earlier: Earlier, stored: Model) -> list[str]:
    """Put what others changed into the data of the form, except where it was changed there too.

    Returns the labels of these fields: there the form keeps its own.
    """
    before, now = (type(form)(instance=row, prefix=form.prefix) for row in (earlier.row, stored))
    before.initial.update(earlier.links)
    form.data = form.data.copy()
    kept = []
    for name, form_field in form.fields.items():
        if name == "opened" or name not in before.fields or name not in now.fields:
            continue
        theirs = now[name].value()
        if before[name].value() == theirs:
            continue
        if not form_field.has_changed(before[name].initial, form[name].data):
            _put(form, name, theirs)
        elif form_field.has_changed(now[name].initial, form[name].data):
            kept.append(str(form[name].label))
    return kept


def sentences(row: Model, versions: Sequence[Any]) -> Iterator[str]:
    """Who changed what, oldest first."""
    for version in reversed(versions):
        who = version.history_user.get_username() if version.history_user else _("Somebody")
        parts = [_words(row, *leaf) for name, pair in version.changes.items() for leaf in leaves(name, *pair)]
        yield _("%(who)s, %(time)s ago: %(changes)s.") % {
            "who": who,
            "time": timesince(version.history_date),
            "changes": "; ".join(parts),
        }


def _words(row: Model, path: str, before: Any, after: Any) -> str:
    name, _colon, rest = path.partition(": ")
    try:
        label = str(getattr(row._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        label = name
    shown = f"{capfirst(label)}: {rest}" if rest else capfirst(label)
    return _("“%(field)s” from %(before)s to %(after)s") % {
        "field": shown,
        "before": _value(before),
        "after": _value(after),
    }


def _value(value: Any) -> str:
    if value in EMPTY and value != 0:
        return _("nothing")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"“{Truncator(' '.join(text.split())).chars(LONGEST)}”"


def _linked(row: Model, name: str, names: Sequence[str]) -> list[Model]:
    (key,) = type(row)._change_history.links[name]  # type: ignore[attr-defined]
    related: Any = row._meta.get_field(name).related_model
    return list(related._default_manager.filter(**{f"{key}__in": names}))


def _put(form: Any, name: str, value: Any) -> None:
    """As a browser would send it."""
    key, data = form.add_prefix(name), form.data
    # What the builder of conditions adds: without it, it reads the JSON.
    data.pop(f"{key}_by", None)
    if value is None or value is False:
        data.pop(key, None)
    elif isinstance(value, (list, tuple)):
        data.setlist(key, [str(one) for one in value])
    else:
        data[key] = "on" if value is True else str(value)

"""`history = ChangeHistory()` in a model records every change of its rows, by whichever way it is made.

It is django-simple-history's record of each version, with three differences: the row says what changed, before and
after; nothing is recorded when nothing changed; many-to-many relations are kept as lists of names.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from django.db import models, transaction
from django.db.models.fields.related import RECURSIVE_RELATIONSHIP_CONSTANT
from django.utils import timezone
from simple_history.models import HistoricalRecords

from .context import Source, actor, reason, source
from .values import differences, merged, values_of

Observer = Callable[[Any, dict[str, list[Any]]], None]


class RecordedChange(models.Model):
    """What the model of each history has in addition to the version's values."""

    changes = models.JSONField(default=dict, help_text="Name -> [before, after].")
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.COMMAND)

    class Meta:
        abstract = True


class ChangeHistory(HistoricalRecords):
    """`only` or `leave_out` choose fields; `links` are many-to-many fields, with the fields that name a target.

    `observer` is called with the row and its changes after each record.
    """

    def __init__(
        self,
        *,
        only: Collection[str] = (),
        leave_out: Sequence[str] = (),
        links: Mapping[str, Sequence[str]] | None = None,
        observer: Observer | None = None,
    ) -> None:
        super().__init__(
            bases=[RecordedChange],
            excluded_fields=leave_out,
            history_id_field=models.BigAutoField(),
            history_change_reason_field=models.TextField(blank=True, default=""),
        )
        self.only, self.links, self.observer = only, links or {}, observer

    def finalize(self, sender: type[models.Model], **options: Any) -> None:
        if sender is not self.cls:
            return
        if self.only:
            kept = {*self.only, sender._meta.pk.name}
            self.excluded_fields = [field.name for field in sender._meta.fields if field.name not in kept]
        # Versions are looked up by the row's key; foreign keys have an index everywhere.
        self.no_db_index = [
            field.name for field in sender._meta.fields if not field.primary_key and not field.is_relation
        ]
        super().finalize(sender, **options)
        sender._change_history = self
        models.signals.pre_save.connect(self.pre_save, sender=sender, weak=False)
        for name in self.links:
            relation = sender._meta.get_field(name).remote_field
            target = sender if relation.model == RECURSIVE_RELATIONSHIP_CONSTANT else relation.model
            link_changed, target_deleted = partial(self.link_changed, name), partial(self.target_deleted, name)
            models.signals.m2m_changed.connect(link_changed, sender=relation.through, weak=False)
            models.signals.pre_delete.connect(target_deleted, sender=target, weak=False)

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        # Whoever may view a row may view its history; nobody may write one.
        return {**super().get_meta_options(model), "default_permissions": ()}

    @cached_property
    def version_model(self) -> Any:
        # Each access to `cls.history` makes a class.
        return self.cls.history.model

    def fields(self, names: Collection[str] | None = None) -> list[Any]:
        """The recorded fields, or those of them that are among `names`."""
        tracked = [field for field in self.version_model.tracked_fields if not field.primary_key]
        return [field for field in tracked if names is None or {field.name, field.attname} & set(names)]

    # --- One row ------------------------------------------------------------------------------------------------------

    def pre_save(
        self, instance: Any, raw: bool, using: str, update_fields: Collection[str] | None = None, **_: Any
    ) -> None:
        if raw:
            # A fixture carries its own history.
            instance.skip_history_when_saving = True
        if hasattr(instance, "skip_history_when_saving"):
            return
        fields, stored = self.fields(update_fields), None
        if fields and instance.pk is not None:
            stored = self.cls._base_manager.using(using).filter(pk=instance.pk).first()
        instance._values_before = values_of(stored, fields) if stored else {}
        instance._fields_written = fields

    def pre_delete(self, instance: Any, **options: Any) -> None:
        super().pre_delete(instance, **options)
        instance._values_before = values_of(instance, self.fields())
        instance._values_before |= {name: self.linked(instance, name) for name in self.links}

    def create_historical_record(self, instance: Any, history_type: str, using: str | None = None) -> None:  # noqa: ARG002
        """Called by simple-history after a row was saved or deleted."""
        before = instance.__dict__.pop("_values_before", {})
        if history_type == "-":
            self.write(instance, "-", differences(before, {}))
            return
        expressions = [
            name for name, value in vars(instance).items() if isinstance(value, models.expressions.Combinable)
        ]
        if expressions:
            instance.refresh_from_db(fields=expressions)
        changes = differences(before, values_of(instance, instance.__dict__.pop("_fields_written")))
        if changes or history_type == "+":
            self.write(instance, history_type, changes)

    def link_changed(self, name: str, instance: Any, action: str, **signal: Any) -> None:
        """Called before and after every change of a many-to-many relation."""
        if hasattr(instance, "skip_history_when_saving"):
            return
        before = instance.__dict__.setdefault("_links_before", {})
        if action.startswith("pre_"):
            before[name] = [(owner, self.linked(owner, name)) for owner in self._owners(name, instance, **signal)]
            return
        for owner, names in before.pop(name):
            self.write_links(owner, differences({name: names}, {name: self.linked(owner, name)}))

    def target_deleted(self, name: str, instance: Any, **_: Any) -> None:
        """Deleting the target of relations deletes them without a signal, so they are cleared first, with one."""
        relation = self.cls._meta.get_field(name).remote_field
        getattr(instance, relation.get_accessor_name()).clear()

    def _owners(self, name: str, instance: Any, reverse: bool, pk_set: set[Any] | None, **_: Any) -> Iterable[Any]:
        if not reverse:
            return [instance]
        if pk_set is None:
            return list(self.cls._base_manager.filter(**{name: instance}))
        return list(self.cls._base_manager.filter(pk__in=pk_set))

    def linked(self, instance: Any, name: str) -> list[str]:
        rows = getattr(instance, name).order_by("pk").values_list(*self.links[name])
        return [".".join(row) for row in rows]

    # --- Writing ------------------------------------------------------------------------------------------------------

    def write(self, instance: Any, kind: str, changes: dict[str, list[Any]]) -> None:
        self.write_many([(instance, kind, changes)])

    def write_links(self, owner: Any, changes: dict[str, list[Any]]) -> None:
        """In the row that this transaction has already written for the same instance, if there is one."""
        if not changes:
            return
        opened = owner.__dict__.get("_open_change")
        if opened:
            opened.changes = merged(opened.changes, changes)
            if type(opened).objects.filter(pk=opened.pk).update(changes=opened.changes):
                self.observe(owner, changes)
                return
        self.write(owner, "~", changes)

    def write_many(self, rows: Sequence[tuple[Any, str, dict[str, list[Any]]]]) -> None:
        """(instance, kind, changes) of each, in one statement."""
        made = [(instance, self.row_of(instance, kind, changes)) for instance, kind, changes in rows]
        self.version_model.objects.bulk_create(row for _, row in made)
        _keep_open(made)
        for instance, _, changes in rows:
            self.observe(instance, changes)

    def observe(self, instance: Any, changes: dict[str, list[Any]]) -> None:
        if self.observer:
            self.observer(instance, changes)

    def row_of(self, instance: Any, kind: str, changes: dict[str, list[Any]]) -> Any:
        model = self.version_model
        return model(
            history_date=timezone.now(),
            history_type=kind,
            history_user_id=getattr(actor(), "pk", None),
            history_change_reason=reason(),
            source=source(),
            changes=changes,
            **{field.attname: getattr(instance, field.attname) for field in model.tracked_fields},
        )


def _keep_open(made: Sequence[tuple[Any, Any]]) -> None:
    """Until the transaction ends, changes of relations of an instance go to its row."""
    for instance, row in made:
        instance._open_change = row
    transaction.on_commit(lambda: _close(made), robust=True)


def _close(made: Sequence[tuple[Any, Any]]) -> None:
    for instance, _ in made:
        instance.__dict__.pop("_open_change", None)

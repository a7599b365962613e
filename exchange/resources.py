"""What is imported and exported of a model: its columns, and how rows of a file are judged and written."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, QuerySet
from import_export.resources import ModelResource

from .lists import Table, in_portions
from .models import FileImport, ImportRow
from .reading.rows import Fault
from .whole_files import WholeFile
from .widgets import FieldWidget, widget_of


class ExchangeResource(ModelResource):
    """Subclasses name the model, its fields and `key`, the column by which a row of a file finds its stored row."""

    kind: ClassVar[str]
    key: ClassVar[str]
    unique: ClassVar[Sequence[str]] = ()
    # Columns that only a new row may have another value in than the stored one.
    fixed: ClassVar[Sequence[str]] = ()
    # Further columns of which rows have to know those of others.
    whole_columns: ClassVar[Sequence[str]] = ()
    fields: Mapping[str, Any]

    def __init__(self, *, actor: Any = None, at: datetime | None = None) -> None:
        super().__init__()
        self.actor, self.at = actor, at

    # --- Columns ------------------------------------------------------------------------------------------------------

    @classmethod
    def widget_from_django_field(cls, f: Any, default: Any = None) -> type[FieldWidget]:  # noqa: ARG003
        return widget_of(f)

    @classmethod
    def widget_kwargs_for_field(cls, field_name: str, django_field: Any) -> dict[str, Any]:  # noqa: ARG003
        return {"field": django_field}

    @classmethod
    def columns(cls) -> list[str]:
        return [*cls._meta.fields]

    def get_export_order(self) -> list[str]:
        return self.columns()

    def table(self, rows: QuerySet[Any]) -> Table:
        return Table(self.columns(), (self.export_resource(row) for row in in_portions(self.prefetched(rows))))

    def prefetched(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows

    def cleaned(self, cells: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
        """The values of the cells, and what is wrong with the others.

        Without a value, columns that cannot be empty are as if the file did not have them.
        """
        values, faults = {}, []
        for column, cell in cells.items():
            widget = self.fields[column].widget
            if cell in (None, "") and widget.has_default:
                continue
            try:
                values[column] = widget.clean(cell)
            except ValueError as error:
                faults.append(Fault(column, str(error)))
        return values, faults

    # --- Rows ---------------------------------------------------------------------------------------------------------

    @property
    def model(self) -> Any:
        return self._meta.model

    @classmethod
    def permission(cls, act: str = "change") -> str:
        opts = cls._meta.model._meta
        return f"{opts.app_label}.{act}_{opts.model_name}"

    @classmethod
    def key_of(cls, value: Any) -> str:
        """By which rows are found and compared; two spellings of one key are one."""
        return str(value)

    def stored(self, keys: Collection[str], *, locked: bool = False) -> dict[str, Any]:
        """The rows with these keys; `locked` in the transaction that writes them."""
        rows = self.prefetched(self.model._default_manager.filter(**{f"{self.key}__in": keys}).order_by("pk"))
        rows = rows.select_for_update(no_key=True, of=("self",)) if locked else rows
        return {self.key_of(getattr(row, self.key)): row for row in rows}

    def wait_for_other_imports(self) -> None:
        """Until their transactions end: a row that two imports add has no row yet that could be locked."""
        kind = self.model._meta
        turn = ContentType.objects.filter(app_label=kind.app_label, model=kind.model_name)
        list(turn.select_for_update(no_key=True))

    def holders(self, column: str, values: Collection[Any]) -> dict[Any, str]:
        """Which stored rows have these values in a unique column, by their key."""
        rows = self.model._default_manager.filter(**{f"{column}__in": values})
        return {value: self.key_of(key) for value, key in rows.values_list(column, self.key)}

    def comparable(self, column: str, value: Any) -> Any:  # noqa: ARG002
        """Of values in unique columns: the same for those of which the database stores only one."""
        return value

    def new_row(self) -> Any:
        return self.model()

    def values_of(self, row: Any) -> dict[str, Any]:
        return {name: getattr(row, name) for name in self.columns()}

    def set_values(self, row: Any, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            setattr(row, name, value)

    def faults_of(self, row: Any) -> list[Fault]:
        """What the model finds wrong with a row that is not saved yet, without a query for each row."""
        faults: list[Fault] = []
        for check in (lambda: row.clean_fields(exclude=self.not_checked(row)), lambda: self.clean_row(row)):
            try:
                check()
            except ValidationError as error:
                for column, messages in error.message_dict.items():
                    faults += [Fault("" if column == NON_FIELD_ERRORS else column, message) for message in messages]
        return faults

    def clean_row(self, row: Any) -> None:
        row.clean()

    def not_checked(self, row: Model) -> set[str]:
        return {field.name for field in row._meta.fields if field.is_relation or field.name not in self._meta.fields}

    # --- The whole file -----------------------------------------------------------------------------------------------

    def whole_file(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> WholeFile:
        """`rows` are the numbers and cells of all rows of the file."""
        return WholeFile(self, rows)

    def prepare(self, rows: Sequence[Any], whole: WholeFile) -> None:
        """Look up at once what `more_faults` needs for a portion of rows; these are pairs of key and values."""

    def more_faults(self, before: Any, after: Any, values: Mapping[str, Any], whole: WholeFile) -> list[Fault]:  # noqa: ARG002
        return []

    def finish(self, rows: Sequence[ImportRow]) -> None:
        """Judge rows of the whole file that depend on each other, and give each a place of its own."""
        for place, row in enumerate(rows):
            row.place = place

    def second_person(self, rows: Sequence[ImportRow]) -> set[int]:  # noqa: ARG002
        """The numbers of the rows that one person alone may not import."""
        return set()

    def xp_at_stake(self, rows: Sequence[ImportRow]) -> int:  # noqa: ARG002
        """What the page of the request shows; 0 where it cannot be known."""
        return 0

    @classmethod
    def subjects(cls, keys: Iterable[str]) -> list[str]:  # noqa: ARG003
        """The names of rows with these keys in requests for approval, by which is known who earned from them."""
        return []

    def write(self, rows: Sequence[ImportRow], instances: Sequence[Any], source: FileImport) -> None:
        """Insert or change a portion of rows, in the transaction of the caller."""
        raise NotImplementedError

    @classmethod
    def reason(cls, source: FileImport) -> str:
        """For the history of the rows."""
        return f"Import {source.pk}"


_resources: dict[str, type[ExchangeResource]] = {}


def add_resource(resource: type[ExchangeResource]) -> None:
    _resources[resource.kind] = resource


def resource_named(kind: str) -> type[ExchangeResource]:
    return _resources[kind]

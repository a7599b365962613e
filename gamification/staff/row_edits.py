"""What requests to edit a row of the catalogue have in common: what they keep, and the row as it becomes."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError as ModelError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.forms import model_to_dict
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import as_serializer_error

from approvals.errors import RequestOutdated
from approvals.models import ApprovalRequest
from catalogues.editing import fingerprint

Row = TypeVar("Row", bound=Model)


def payload_of(before: Model | None, after: Model, fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` are those that change; of a new row (`before` is None) all are kept."""
    return {
        "id": before and before.pk,
        "based_on": fingerprint(before) if before else "",
        "fields": dict(fields) if before else model_to_dict(after),
    }


def saved_row(model: type[Row], request: ApprovalRequest) -> Row:
    """The row as the request makes it.

    Raise RequestOutdated if it was changed since the request was made, or ValidationError.
    """
    row = _locked_row(model, request)
    for name, value in request.payload["fields"].items():
        setattr(row, name, value)
    try:
        row.full_clean()
        with transaction.atomic():
            row.save()
    except ModelError as error:
        raise ValidationError(as_serializer_error(error)) from error
    except IntegrityError as error:  # another transaction, after `full_clean`
        raise RequestOutdated from error
    return row


def _locked_row(model: type[Row], request: ApprovalRequest) -> Row:
    if request.payload["id"] is None:
        return model()
    stored = model._default_manager.select_for_update(no_key=True).filter(pk=request.payload["id"]).first()
    if stored is None or fingerprint(stored) != request.payload["based_on"]:
        raise RequestOutdated
    return stored

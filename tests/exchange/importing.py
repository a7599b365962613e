"""Uploading files in the tests, and reading what the pages say."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from exchange.models import FileImport


def as_csv(rows):
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, [*dict.fromkeys(name for row in rows for name in row)])
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def as_json(rows):
    return json.dumps(rows).encode()


def as_xlsx(rows):
    book = Workbook()
    names = [*dict.fromkeys(name for row in rows for name in row)]
    book.active.append(names)
    for row in rows:
        book.active.append([row.get(name) for name in names])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


WRITERS = {"csv": as_csv, "json": as_json, "xlsx": as_xlsx}


@dataclass
class Uploads:
    """By one client, on the import page of one model."""

    client: Any
    page: str = "/admin/levels/level/import/"

    def answer(self, content, name="rows.csv"):
        return self.client.post(self.page, {"file": SimpleUploadedFile(name, content)})

    def upload(self, rows, ending="csv"):
        content = rows if isinstance(rows, bytes) else WRITERS[ending](rows)
        answer = self.answer(content, f"rows.{ending}")
        assert answer.status_code == 302, answer.context["form"].errors
        return FileImport.objects.latest("pk")

    def refusal(self, content, name="rows.csv"):
        """Why nothing of the file is read."""
        answer = self.answer(content, name)
        assert answer.status_code == 200, answer
        (reason,) = answer.context["form"].errors["file"]
        return reason

    def act(self, source, button, shown=None):
        value = source.fingerprint if shown is None else shown
        return self.client.post(f"{self.page}{source.pk}/", {button: value}, follow=True)


def verdicts(source):
    return {row.number: (row.key, row.verdict) for row in source.rows.order_by("number")}


def faults(source):
    return [(row.number, *fault) for row in source.rows.order_by("number") for fault in row.faults]

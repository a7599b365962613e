"""Reading what an export answered."""

import csv
import io
import json

from openpyxl import load_workbook


def body_of(answer):
    assert answer.status_code == 200, answer
    return b"".join(answer.streaming_content)


def csv_rows(answer):
    """As dictionaries; the apostrophes that keep formulas away are still there."""
    return list(csv.DictReader(io.StringIO(body_of(answer).decode("utf-8-sig"), newline="")))


def json_rows(answer):
    return json.loads(body_of(answer))


def xlsx_rows(answer):
    header, *rows = load_workbook(io.BytesIO(body_of(answer))).active.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]

"""P21: files that are made to harm, or that Excel and people make by mistake."""

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from exchange.models import FileImport
from exchange.reading import rows as limits
from exchange.reading import xlsx_files
from levels.models import Level
from tests.exchange.importing import Uploads, as_csv, as_xlsx, faults

pytestmark = pytest.mark.django_db

NEW = {"level_id": "new", "name": "New", "category": "tests"}


@pytest.fixture
def uploads(client, staff):
    client.force_login(staff)
    yield Uploads(client)
    assert not Level.objects.exists()


def book_with(**cells):
    """A sheet with one row and these cells."""
    book = Workbook()
    book.active.append([*NEW])
    book.active.append([*NEW.values()])
    for place, value in cells.items():
        book.active[place] = value
    return book


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(content, name, change):
    """The ZIP file with one part changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, change(data) if part == name else data)
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
WORDS = "level_id,name,category\nnew,Néw,tests\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf_8_and_utf_16_are_read(uploads, encoding):
    source = uploads.upload(WORDS.encode(encoding))
    assert source.rows.get().changes["name"] == [None, "Néw"]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16-le", "shift-jis"])
def test_other_encodings_are_refused_in_words(uploads, encoding):
    reason = uploads.refusal(WORDS.replace("é", "é" if encoding != "shift-jis" else "日").encode(encoding))
    assert "UTF-8" in reason or "is missing, by which rows are found" in reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The submitted file is empty."),
        (b"name\nNew\n", "Row 1: the column “level_id” is missing, by which rows are found."),
        (b"level_id,name,name\n", "Row 1: the column “name” is given twice."),
        (b"level_id,,name\n", "Row 1, column 2: the name of the column is missing."),
        (b"level_id,id\n", "Row 1: there is no column “id”. These are: level_id, number, name,"),
        (b'level_id,name\nnew,"New\n', "Row 2 is no CSV: unexpected end of data."),
        (b'level_id,name\nnew,"New"x\n', "Row 2 is no CSV: ',' expected after '\"'."),
        (b"level_id," + b",".join([b"x"] * 100), "Row 1 has more than 60 columns."),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(uploads, content, reason):
    assert uploads.refusal(content).startswith(reason)
    assert not FileImport.objects.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{}", "A list of objects is needed, as the export writes it."),
        (b'[{"level_id": "a", "level_id": "b"}]', "This is no JSON: a key is given twice: level_id."),
        (b"[NaN]", "This is no JSON: NaN is not JSON."),
        (b"[" * 100_000, "This is no JSON"),
        (b"\xff", "This is no JSON"),
    ],
)
def test_json_that_is_no_list_of_objects_is_refused_in_words(uploads, content, reason):
    assert uploads.refusal(content, "rows.json").startswith(reason)


def test_faults_of_rows_of_json_are_told_by_their_number(uploads):
    rows = b'[5, {"name": "x"}, {"level_id": "a", "name": "a\\u0000", "x": 1, "category": [1], "skills": "[1]"}]'
    found = [(row, column) for row, column, _ in faults(uploads.upload(rows, "json"))]
    assert found[:2] == [(1, ""), (2, "level_id")]
    assert {(3, "x"), (3, "name"), (3, "category"), (3, "skills")} <= set(found)


def test_nul_characters_and_cells_without_end_are_faults_of_their_cell(uploads, monkeypatch):
    monkeypatch.setattr(limits, "LONGEST_CELL", 20)
    rows = [NEW | {"name": "a\0b"}, NEW | {"level_id": "b", "name": "x" * 21}]
    assert faults(uploads.upload(as_csv(rows)))[:1] == [
        (2, "name", "Text must not contain NUL characters or lone surrogates.")
    ]
    assert (3, "name", "The cell has more than 20 characters.") in faults(FileImport.objects.get())


def test_a_row_with_too_many_cells_is_a_fault_and_empty_rows_are_none(uploads):
    source = uploads.upload(b"level_id,name,category\n,,\nnew,New,c,more\n\n")
    assert faults(source) == [(3, "", "The row has more cells than the header.")]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"B2": "=1+1"}, "It is a formula. Replace it by its value."),
        ({"B2": "#REF!"}, "It is an error of the spreadsheet: #REF!."),
        ({"B2": True}, "A text is needed."),
        ({"B2": date(2026, 1, 1)}, "It is a date or time. Format the cell as text."),
        ({"B2": 1.5}, "A text is needed."),
    ],
)
def test_cells_of_excel_that_are_no_values_are_faults(uploads, cells, reason):
    assert (2, "name", reason) in faults(uploads.upload(saved(book_with(**cells)), "xlsx"))


def test_merged_cells_are_refused(uploads):
    book = book_with()
    book.active.merge_cells("A2:B2")
    assert uploads.refusal(saved(book), "rows.xlsx").startswith("The sheet has merged cells.")


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04", as_xlsx([NEW])[:-200], as_csv([NEW])])
def test_what_is_no_xlsx_is_refused(uploads, content):
    reason = uploads.refusal(content, "rows.xlsx")
    assert reason in {xlsx_files.NOT_READABLE, "The submitted file is empty."}


def test_a_zip_bomb_is_refused_before_it_is_unpacked(uploads, monkeypatch):
    monkeypatch.setattr(xlsx_files, "MOST_BYTES", 1024 * 1024)
    content = with_part(saved(book_with()), SHEET, lambda data: data + b" " * 2 * 1024 * 1024)
    assert len(content) < 20_000
    assert uploads.refusal(content, "rows.xlsx").startswith("Unpacked, the file has more than 1 MB")


def test_an_xml_bomb_and_outside_entities_are_refused(uploads):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'

    def put(data):
        return data[: data.index(b"<worksheet")] + bomb + data[data.index(b"<worksheet") :]

    content = with_part(saved(book_with()), SHEET, put)
    assert uploads.refusal(content, "rows.xlsx") == xlsx_files.NOT_READABLE


def test_a_cell_far_below_or_far_to_the_right_is_refused_at_once(uploads):
    assert uploads.refusal(saved(book_with(XFD1="x")), "rows.xlsx").startswith("The sheet has cells behind its 60th")
    assert uploads.refusal(saved(book_with(A900000="x")), "rows.xlsx").startswith("The file has more than 50,000 rows")


def test_a_file_with_another_ending_or_too_many_bytes_is_refused(uploads, settings):
    assert uploads.refusal(b"x", "rows.exe") == "The name of the file must end in .csv, .json or .xlsx."
    settings.IMPORT_BYTES_AT_MOST = 10
    assert uploads.refusal(b"x" * 11) == "The file has more than 10 bytes."


def test_scripts_in_files_are_shown_as_text(uploads):
    script = "<script>alert(1)</script>"
    source = uploads.upload(as_csv([NEW | {"name": script, "kind": script, "level_id": script}]))
    page = uploads.client.get(f"{uploads.page}{source.pk}/").content.decode()
    assert script not in page
    assert "&lt;script&gt;" in page

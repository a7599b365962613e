import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchange import applying, comparing, services
from exchange.models import FileImport, ImportRow
from jobs.models import Job
from jobs.running import run_next_portion, run_waiting_jobs
from levels.models import Level
from tests.exchange.faulty_levels import good_rows
from tests.exchange.importing import Uploads, as_csv, faults

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_portions(settings, monkeypatch):
    settings.EXCHANGE_ROWS_AT_ONCE = 10
    monkeypatch.setattr(comparing, "PORTION", 7)
    monkeypatch.setattr(applying, "PORTION", 7)


@pytest.fixture
def uploads(client, staff):
    client.force_login(staff)
    return Uploads(client)


def run_all():
    run_waiting_jobs(pause=lambda _: None)


def test_rows_are_stored_while_a_long_file_is_read(uploads):
    """Otherwise the transaction would wait idly for the last row, until PostgreSQL ends it."""
    uploads.upload(as_csv(good_rows(25)))
    with CaptureQueriesContext(connection) as queries:
        run_next_portion()
    inserts = [query for query in queries if query["sql"].startswith('INSERT INTO "exchange_importrow"')]
    assert (len(inserts), ImportRow.objects.count()) == (4, 25)


def test_many_rows_are_compared_and_imported_in_portions_with_progress(uploads):
    source = uploads.upload(as_csv(good_rows(25)))
    assert (source.state, source.rows.count()) == ("comparing", 0)
    page = uploads.client.get(f"{uploads.page}{source.pk}/").content.decode()
    assert "It begins in a moment." in page
    for _ in range(3):
        run_next_portion()
    assert (Job.objects.get().done, Job.objects.get().total) == (14, 25)
    run_all()
    source.refresh_from_db()
    assert (source.state, source.counts, source.content) == ("compared", {"new": 25}, None)
    uploads.act(source, "_apply")
    run_next_portion()
    assert Level.objects.count() == 7
    assert "7 of 25 rows" in uploads.client.get(f"{uploads.page}{source.pk}/").content.decode()
    run_all()
    assert (Level.objects.count(), ImportRow.objects.count()) == (25, 0)
    assert [job.state for job in Job.objects.all()] == ["done", "done"]
    history = Level.objects.get(level_id="level-3").history.get()
    assert (history.history_user, history.history_change_reason) == (source.created_by, f"Import {source.pk}")


def test_a_portion_that_was_killed_is_done_again_and_nothing_twice(uploads, monkeypatch):
    source = uploads.upload(as_csv(good_rows(25)))
    run_all()
    source.refresh_from_db()
    uploads.act(source, "_apply")
    run_next_portion()

    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(applying, "_log", kill)
        with pytest.raises(Killed):
            run_next_portion()
    assert Level.objects.count() == 7
    run_all()
    assert Level.objects.count() == 25
    assert Level.history.count() == 25


def test_a_level_that_changes_while_the_import_runs_stops_it_and_the_rest_is_compared_again(uploads):
    for number in range(12):
        Level.objects.create(level_id=f"level-{number}", name=f"Old {number}", category="c")
    rows = [{"level_id": f"level-{number}", "name": f"New {number}"} for number in range(12)]
    source = uploads.upload(as_csv(rows))
    run_all()
    source.refresh_from_db()
    uploads.act(source, "_apply")
    run_next_portion()
    Level.objects.filter(name="Old 11").update(name="Edited")
    run_all()
    source.refresh_from_db()
    assert (source.state, source.counts) == ("compared", {"unchanged": 7, "changed": 5})
    assert source.message == "“level-11” was changed meanwhile. 7 rows had been imported by then."
    assert Level.objects.get(level_id="level-11").name == "Edited"
    assert source.rows.get(key="level-11").changes == {"name": ["Edited", "New 11"]}


def test_a_file_that_cannot_be_read_in_the_background_is_told_and_deleted(uploads):
    source = uploads.upload(as_csv(good_rows(25)) + b'"x')
    run_all()
    source.refresh_from_db()
    assert (source.state, source.content, source.message) == (
        "discarded",
        None,
        "Row 27 is no CSV: unexpected end of data.",
    )
    assert source.message in uploads.client.get(f"{uploads.page}{source.pk}/").content.decode()


def test_faults_of_long_files_are_told_too(uploads):
    rows = good_rows(25)
    rows[20]["kind"] = "quiz"
    source = uploads.upload(as_csv(rows))
    run_all()
    assert faults(source) == [(22, "kind", "Value 'quiz' is not a valid choice.")]


def test_discarding_stops_the_job(uploads):
    source = uploads.upload(as_csv(good_rows(25)))
    run_next_portion()
    uploads.act(source, "_discard")
    run_all()
    assert (FileImport.objects.get().state, Job.objects.get().state) == ("discarded", "cancelled")
    assert not ImportRow.objects.exists()


def test_one_person_runs_one_import_of_a_kind_at_a_time(uploads, staff):
    for start in (0, 100):
        rows = [row | {"prerequisites": ""} for row in good_rows(start + 25)[start:]]
        uploads.upload(as_csv(rows))
    run_all()
    first, second = FileImport.objects.order_by("pk")
    uploads.act(first, "_apply")
    assert "Another import of yours is running." in uploads.act(second, "_apply").content.decode()
    run_all()
    second.refresh_from_db()
    uploads.act(second, "_apply")
    run_all()
    assert Level.objects.count() == 50


def test_nobody_imports_what_somebody_else_uploaded(uploads, staff):
    source = uploads.upload(as_csv(good_rows(3)))
    with pytest.raises(FileImport.DoesNotExist):
        services.discard(source.pk, actor=type(staff)(pk=staff.pk + 1), at=timezone.now())

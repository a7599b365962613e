"""The export of a long history takes as much memory as that of a short one, and shows one moment."""

import json
import threading
import tracemalloc

import pytest
from django.db import connection, connections
from django.utils import timezone

from skillquest.accounts import views
from skillquest.accounts.exporting import write_export
from tests.accounts.personal_data import make_person
from tests.accounts.test_erase_long_history import add_completions
from tracking.models import Completion

pytestmark = pytest.mark.django_db


class Nowhere:
    """A file that forgets what is written to it."""

    def __init__(self):
        self.size = 0

    def write(self, data):
        self.size += len(data)


def export_size_and_peak(person):
    file = Nowhere()
    tracemalloc.start()
    try:
        write_export(file, person, at=timezone.now())
        return file.size, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_memory_does_not_grow_with_the_history():
    short, long = make_person("Ana"), make_person("Ben")
    add_completions(short, 1_000)
    add_completions(long, 8_000)
    export_size_and_peak(short)  # what is loaded once
    (small, low), (large, high) = export_size_and_peak(short), export_size_and_peak(long)
    assert large > 6 * small
    assert high < 1.3 * low


def test_a_large_export_is_the_same_json_as_a_small_one(sign_in, monkeypatch):
    person = make_person()
    client = sign_in(person)
    small = client.get("/api/v1/auth/me/export")
    monkeypatch.setattr(views, "EXPORT_IN_MEMORY", 100)
    large = client.get("/api/v1/auth/me/export")
    assert large.streaming
    content = json.loads(b"".join(large.streaming_content))
    large.close()
    assert content | {"exported_at": None} == small.json() | {"exported_at": None}
    for name in ("Content-Type", "Content-Disposition", "Cache-Control"):
        assert large[name] == small[name]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="the tests' SQLite is in memory, where readers wait")
def test_it_shows_one_moment_though_others_write_meanwhile():
    person = make_person()

    def add_one():
        add_completions(person, 1)
        connections.close_all()

    class Interrupted(Nowhere):
        def write(self, data):
            if len(written) == 5:  # the account is read, the completions are not
                writer = threading.Thread(target=add_one)
                writer.start()
                writer.join()
            written.append(data)
            super().write(data)

    written = []
    write_export(Interrupted(), person, at=timezone.now())
    assert len(json.loads(b"".join(written))["completions"]) == 1
    assert Completion.objects.filter(learner=person).count() == 2

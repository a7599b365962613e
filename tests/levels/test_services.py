from threading import Event, Thread

import pytest
from django.db import connection, transaction
from rest_framework.exceptions import ValidationError

from levels.models import Level
from levels.prerequisites import stored_prerequisites
from levels.services import save_level
from tests.factories import LevelFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Editor(Thread):
    """Saves a level in a transaction of its own; `fault` is the refusal, if there was one."""

    def __init__(self, *, starts, **arguments):
        super().__init__()
        self.starts, self.arguments, self.fault, self.done = starts, arguments, None, Event()

    def run(self):
        try:
            self.starts.wait(10)
            save_level(**self.arguments)
        except ValidationError as error:
            self.fault = error.detail
        finally:
            self.done.set()
            connection.close()


def test_two_editors_cannot_each_add_half_of_a_circle():
    first, second = LevelFactory(level_id="level-1"), LevelFactory(level_id="level-2")
    saved = Event()
    other = Editor(starts=saved, level=second, fields={}, prerequisites=["level-1"])
    other.start()
    with transaction.atomic():
        save_level(level=first, fields={}, prerequisites=["level-2"])
        saved.set()
        assert not other.done.wait(0.5), "the other editor must wait for this transaction"
    other.join()
    message = "Prerequisites must not go in a circle: level-2 → level-1 → level-2."
    assert other.fault == {"prerequisites": [message]}
    assert stored_prerequisites() == {"level-1": ["level-2"]}


def test_of_two_editors_that_take_one_name_the_second_gets_an_error():
    saved = Event()
    other = Editor(starts=saved, level=Level(), fields={"level_id": "b", "name": "Taken", "category": "tests"})
    other.start()
    with transaction.atomic():
        save_level(level=Level(), fields={"level_id": "a", "name": "Taken", "category": "tests"})
        saved.set()
        assert not other.done.wait(0.5), "the other editor must wait for this transaction"
    other.join()
    on_postgresql = ["Somebody else has changed the catalogue at the same time. Read the level again."]
    on_sqlite = {"name": ["Level with this Name already exists."]}  # one transaction after the other
    assert other.fault == (on_postgresql if connection.vendor == "postgresql" else on_sqlite)
    assert [level.level_id for level in Level.objects.all()] == ["a"]


def test_a_change_leaves_the_other_editors_fields_alone():
    level = LevelFactory()
    stale = Level.objects.get(pk=level.pk)
    save_level(level=level, fields={"coming_soon": True})
    save_level(level=stale, fields={"xp_reward": 5})
    level.refresh_from_db()
    assert (level.coming_soon, level.xp_reward) == (True, 5)

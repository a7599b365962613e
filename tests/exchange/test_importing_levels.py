import pytest
from django.contrib.admin.models import LogEntry

from exchange.models import FileImport, ImportRow
from levels.models import Level, LevelChange
from tests.exchange.importing import Uploads, faults, verdicts
from tests.exchange.reading import body_of
from tests.factories import LevelFactory, UserFactory

pytestmark = pytest.mark.django_db

NEW = {"level_id": "new", "name": "New", "category": "tests", "kind": "training", "xp_reward": 5}


@pytest.fixture
def uploads(client, staff):
    client.force_login(staff)
    return Uploads(client)


@pytest.mark.parametrize("ending", ["csv", "json", "xlsx"])
def test_the_file_is_compared_row_by_row_before_anything_is_saved(uploads, ending):
    LevelFactory(level_id="maze", name="Maze", xp_reward=10)
    LevelFactory(level_id="tower", name="Tower", xp_reward=20)
    maze = {"level_id": "maze", "name": "The Maze", "category": "testing", "kind": "simulation", "xp_reward": 11}
    tower = {"level_id": "tower", "name": "Tower", "category": "testing", "kind": "simulation", "xp_reward": 20}
    wrong = {"level_id": "wrong", "name": "Wrong", "category": "testing", "kind": "quiz", "xp_reward": 20}
    source = uploads.upload([NEW, maze, tower, wrong], ending)
    first = 1 if ending == "json" else 2
    states = [("new", "new"), ("maze", "changed"), ("tower", "unchanged"), ("wrong", "refused")]
    assert verdicts(source) == dict(enumerate(states, start=first))
    assert source.rows.get(key="maze").changes == {"name": ["Maze", "The Maze"], "xp_reward": [10, 11]}
    assert faults(source) == [(first + 3, "kind", "Value 'quiz' is not a valid choice.")]
    page = uploads.client.get(f"{uploads.page}{source.pk}/").content.decode()
    assert "<del>Maze</del>" in page
    assert "<ins>The Maze</ins>" in page
    assert Level.objects.count() == 2
    assert source.content is None


def test_what_was_compared_is_imported_once_with_history_and_log(uploads, staff):
    maze = LevelFactory(level_id="maze", name="Maze", pass_score=0)
    new = NEW | {"prerequisites": ["maze"]}
    source = uploads.upload([new, {"level_id": "maze", "name": "M", "pass_score": 7}], "json")
    answers = [uploads.act(source, "_apply") for _ in range(2)]
    assert "Imported: 1 new, 1 changed." in answers[0].content.decode()
    assert "nothing was imported" in answers[1].content.decode()
    new = Level.objects.get(level_id="new")
    assert (new.created_by, [*new.prerequisites.all()], new.repeat_policy) == (staff, [maze], "improvement")
    maze.refresh_from_db()
    assert (maze.name, maze.pass_score) == ("M", 7)
    assert LevelChange.objects.get().pass_score == 0
    assert maze.history.first().changes == {"name": ["Maze", "M"], "pass_score": [0, 7]}
    assert (maze.history.first().history_user, maze.history.first().history_change_reason) == (
        staff,
        f"Import {source.pk}",
    )
    log = LogEntry.objects.filter(content_type__model="level").order_by("pk").values_list("object_repr", "action_flag")
    assert sorted(log) == [("M", 2), ("New", 1)]
    source.refresh_from_db()
    assert (source.state, source.counts, ImportRow.objects.count()) == ("done", {"new": 1, "changed": 1}, 0)


def test_a_fault_keeps_the_whole_file_out_unless_it_is_left_out(uploads):
    source = uploads.upload([NEW, {"level_id": "bad", "name": "", "category": "c"}])
    assert "Rows are refused" in uploads.act(source, "_apply").content.decode()
    assert not Level.objects.exists()
    assert "Imported: 1 new, 1 refused." in uploads.act(source, "_leave_out").content.decode()
    assert [level.level_id for level in Level.objects.all()] == ["new"]


def test_what_changed_meanwhile_is_compared_again_and_nothing_saved(uploads):
    level = LevelFactory(level_id="maze", name="Maze")
    source = uploads.upload([NEW, {"level_id": "maze", "name": "The Maze"}], "json")
    Level.objects.filter(pk=level.pk).update(name="Labyrinth")
    page = uploads.act(source, "_apply").content.decode()
    assert "“maze” was changed meanwhile. Nothing is saved." in page
    assert "<del>Labyrinth</del>" in page
    assert Level.objects.count() == 1
    source.refresh_from_db()
    assert "Imported" in uploads.act(source, "_apply").content.decode()


@pytest.mark.parametrize("ending", ["csv", "json", "xlsx"])
def test_an_export_imported_again_changes_nothing(uploads, ending):
    first = LevelFactory(level_id="maze", name="=1+1", description="a\r\nb\n'=c", number=None, skills=["x y", "[z]"])
    first.tags, first.metadata = ["+a", "b"], {"min_seconds": 3, "eyebrow": "-9"}
    first.translations = {"id": {"name": "＝satu"}}
    first.save()
    LevelFactory(level_id="tower", prerequisites=[first], expected_time_seconds=9, icon="🧩", verified_only=True)
    LevelFactory(name="''-1", description="@x", prerequisites=[first], published=False, tags=["'+"])
    content = body_of(uploads.client.get(f"/admin/export/levels/level/fields.{ending}"))
    source = uploads.upload(content, ending)
    assert (faults(source), source.counts) == ([], {"unchanged": 3})


def test_only_people_who_may_edit_levels_import_them_and_see_only_their_own(uploads, client):
    source = uploads.upload([NEW])
    for person, status in ((UserFactory(is_staff=True), 403), (UserFactory(is_staff=True, is_superuser=True), 404)):
        client.force_login(person)
        assert client.get(f"{uploads.page}{source.pk}/").status_code == status
        assert client.post(f"{uploads.page}{source.pk}/", {"_apply": source.fingerprint}).status_code == status
    assert not Level.objects.exists()


def test_discarding_deletes_what_the_file_said(uploads):
    source = uploads.upload([NEW])
    uploads.act(source, "_discard")
    assert (FileImport.objects.get().state, ImportRow.objects.count()) == ("discarded", 0)


def test_the_page_begins_with_refused_rows_and_shows_what_the_file_says_of_new_ones(uploads):
    source = uploads.upload([NEW, NEW | {"level_id": "wrong", "kind": "quiz"}], "csv")
    page = uploads.client.get(f"{uploads.page}{source.pk}/")
    (refused, _), (new, differences) = page.context["lines"]
    assert (refused.key, new.key) == ("wrong", "new")
    assert [name for name, *_ in differences] == ["Level id", "Name", "Category", "Kind", "Xp reward"]

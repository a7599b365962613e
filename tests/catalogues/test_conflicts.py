"""Two editors at once: the second reads what the first changed, loses no input, and saves both changes together."""

import html

import pytest
from django.test import Client

from catalogues.editing import BOTH_KEPT, CHANGED_MEANWHILE, CONFLICT, DELETED, YOURS_KEPT, ConflictForm
from gamification.models import Achievement, XPRuleSet
from levels.models import Level, Section
from levels.services import set_prerequisites
from tests.factories import LevelFactory, StaffFactory
from tests.gamification.earnables.factories import XP_1000, AchievementFactory, metric
from tests.levels.test_translations_admin import edit, url_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(client):
    client.force_login(StaffFactory(username="ana"))
    return client


@pytest.fixture
def ben():
    browser = Client()
    browser.force_login(StaffFactory(username="ben"))
    return browser


class Page:
    """What somebody sees of a row, from now on."""

    def __init__(self, client, row):
        self.client, self.row = client, row
        self.data = self._data(client.get(url_of(row)).context["adminform"].form)

    def save(self, **fields):
        """With these fields typed into what the page showed; a refused page is what is seen from then on."""
        answer = self.client.post(url_of(self.row), {**self.data, **fields})
        if answer.status_code != 302:
            self.form = answer.context["adminform"].form
            self.data = self._data(self.form)
        self.row = type(self.row).objects.get(pk=self.row.pk)
        return answer

    def _data(self, form):
        values = {name: form[name].value() for name in form.fields}
        return {name: value for name, value in values.items() if value is not None and value is not False}

    @property
    def errors(self):
        return list(self.form.errors["__all__"])


def test_the_second_editor_reads_who_changed_what_and_keeps_her_input(ana, ben):
    level = LevelFactory(description="Old", xp_reward=5)
    page = Page(ana, level)
    edit(ben, level, description="His", unlocked="")
    assert page.save(xp_reward="7").status_code == 200
    assert (page.row.description, page.row.xp_reward) == ("His", 5)
    said = page.errors
    assert (said[0], said[-1]) == (CHANGED_MEANWHILE, BOTH_KEPT)
    (his,) = said[1:-1]
    assert his.startswith("ben, 0\xa0minutes ago: ")
    assert "“Description” from “Old” to “His”" in his
    assert "“Unlocked” from “true” to “false”" in his
    assert page.save().status_code == 302
    assert (page.row.description, page.row.xp_reward, page.row.unlocked) == ("His", 7, False)


def test_where_both_changed_the_same_hers_is_shown_and_named(ana, ben):
    level = LevelFactory(description="Old", skills=["A"], metadata={"intro": "Old", "app": 1})
    page = Page(ana, level)
    edit(ben, level, description="His", skills="A\nB", intro="His", metadata='{"app": 2}')
    page.save(description="Hers", intro="Hers", tags="new")
    assert page.errors[-1] == YOURS_KEPT % {"fields": "Description, Intro"}
    page.save()
    assert (page.row.description, page.row.skills, page.row.tags) == ("Hers", ["A", "B"], ["new"])
    assert page.row.metadata == {"intro": "Hers", "app": 2}


def test_translations_are_merged_text_by_text(ana, ben):
    level = LevelFactory(name="Maze", description="A maze", translations={"id": {"name": "Labirin"}})
    page = Page(ana, level)
    edit(ben, level, translated_id_name="Labirin besar")
    page.save(translated_id_description="Sebuah labirin")
    page.save()
    assert page.row.translations == {"id": {"name": "Labirin besar", "description": "Sebuah labirin"}}


def test_prerequisites_are_merged_too(ana, ben):
    first, second, third = LevelFactory.create_batch(3)
    level = LevelFactory(prerequisites=[first])
    page, other = Page(ana, level), Page(ana, level)
    set_prerequisites(level=Level.objects.get(pk=level.pk), needed=[first, second])
    page.save(xp_reward="7")
    assert f'“Prerequisites” from “[\\"{first.level_id}\\"]”'.replace("\\", "") in page.errors[1]
    page.save()
    assert set(page.row.prerequisites.all()) == {first, second}
    other.save(prerequisites=[third.pk])
    assert "Prerequisites" in other.errors[-1]
    other.save()
    assert list(other.row.prerequisites.all()) == [third]


def test_conditions_and_several_changes_are_merged(ana, ben):
    achievement = AchievementFactory(condition=XP_1000, position=1)
    page = Page(ana, achievement)
    for position in (2, 3):
        edit(ben, achievement, position=position, condition='{"type": "level", "level": 5}')
    page.save(description="Hers")
    assert len(page.errors) == 4
    page.save()
    assert (page.row.position, page.row.description) == (3, "Hers")
    assert page.row.condition == {"type": "level", "level": 5}


def test_a_third_change_before_the_second_save_is_a_conflict_again(ana, ben):
    level = LevelFactory(description="Old")
    page = Page(ana, level)
    edit(ben, level, description="His")
    page.save(xp_reward="7")
    edit(ben, level, position=9)
    assert page.save().status_code == 200
    assert "“Position” from “0” to “9”" in page.errors[1]
    assert page.save().status_code == 302
    assert (page.row.description, page.row.position, page.row.xp_reward) == ("His", 9, 7)


def test_a_draft_of_rules_is_merged_number_by_number(ana, ben):
    draft = XPRuleSet.objects.create(version=2, rules=XPRuleSet.objects.get().rules, note="Draft")
    page = Page(ana, draft)
    one, other = [name for name, value in page.data.items() if type(value) is int and value > 10][:2]
    assert Page(ben, draft).save(**{one: 11}).status_code == 302
    page.save(**{other: 12})
    assert page.errors[0] == CHANGED_MEANWHILE
    assert page.save().status_code == 302
    now = Page(ana, draft).data
    assert (now[one], now[other]) == (11, 12)


def test_hostile_values_are_shown_as_text(ana, ben):
    level = LevelFactory(description="Old")
    page = Page(ana, level)
    edit(ben, level, description="<script>alert(1)</script>")
    shown = page.save(xp_reward="7").content.decode()
    assert "<script>alert" not in shown
    assert "<script>alert(1)" in html.unescape(shown)


def test_without_a_known_beginning_nothing_is_guessed(ana):
    section = Section.objects.create(section_id="s", title="S")
    page = Page(ana, section)
    page.save(opened="0" * 32, title="Other")
    assert page.errors == [CONFLICT]
    assert page.row.title == "S"


def test_a_row_that_was_deleted_meanwhile_is_said(db):
    level = LevelFactory()
    Form = type("Form", (ConflictForm,), {"Meta": type("Meta", (), {"model": Level, "fields": ["icon"]})})  # noqa: N806
    form = Form({"icon": "bi-star", "opened": "x"}, instance=Level.objects.get())
    Level.objects.all().delete()
    assert form.errors == {"__all__": [DELETED]}
    assert not Achievement.objects.exists()
    assert level.pk


def test_a_difference_that_the_history_cannot_explain_is_no_guess(ana):
    achievement = AchievementFactory(condition=metric("languages", 2))
    page = Page(ana, achievement)
    Achievement.objects.update(position=8)
    Achievement.history.all().delete()
    page.save(description="Hers")
    assert page.errors == [CONFLICT]

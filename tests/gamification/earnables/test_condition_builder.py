"""The form in which staff put a condition together line by line, look at it, and save it."""

import html
import json
import re
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogues.editing import fingerprint
from gamification.admin.condition_builder import ConditionBuilderField
from gamification.conditions.schema import validate_condition
from gamification.models import Achievement, Badge
from tests.factories import MetricFactory, StaffFactory, UserFactory

from .factories import XP_1000, AchievementFactory, BadgeFactory, conditions, metric
from .test_admin import form, text, url

pytestmark = pytest.mark.django_db

DEEP = {"all": [{"any": [{"all": [XP_1000]}, metric("languages", 2)]}]}


@pytest.fixture(autouse=True)
def editor(client):
    client.force_login(StaffFactory())


def lines(*rows, joined="one", **fields):
    """What a browser sends for these lines: (what, amount, place)."""
    data = {"condition_by": "lines", "condition_joined": joined, "condition-lines": len(rows), "condition": ""}
    for number, row in enumerate(rows):
        for part, value in zip(("what", "amount", "place"), (*row, "one")[:3], strict=True):
            data[f"condition-{number}-{part}"] = value
    return form(**{**data, **fields})


def shown_in(page):
    """The data that a browser would send of the condition on a page."""
    found = html.unescape(page).partition("data-condition>")[2].partition("data-look>")[0]
    found = re.sub(r"(?s)<template.*?</template>", "", found)
    data = dict(re.findall(r'<input type="(?:text|hidden)"[^>]*? name="([^"]+)" value="([^"]*)"', found))
    for name, options in re.findall(r'(?s)<select name="([^"]+)".*?>(.*?)</select>', found):
        data[name] = re.search(r'<option value="([^"]*)" selected', options + '<option value="" selected')[1]
    data["condition_by"] = re.search(r'value="(\w+)" checked', found)[1]
    data["condition"] = re.search(r"(?s)<textarea.*?>(.*?)</textarea>", found)[1]
    return data


@pytest.mark.parametrize(
    ("rows", "joined", "condition"),
    [
        ([("xp", "1000")], "one", XP_1000),
        ([("", ""), ("xp", "1000")], "one", XP_1000),
        ([("xp", "1000"), ("metric:languages", "2")], "any", {"any": [XP_1000, metric("languages", 2)]}),
        (
            [("xp", "1000"), ("metric:languages", "2", "any"), ("consecutive_days", "7", "inside")],
            "all",
            {"all": [XP_1000, {"any": [metric("languages", 2), {"type": "consecutive_days", "days": 7}]}]},
        ),
    ],
)
def test_lines_become_a_condition(client, rows, joined, condition):
    answer = client.post(url("achievement_add"), lines(*rows, joined=joined))
    assert answer.status_code == 302, answer.context["errors"]
    assert Achievement.objects.get().condition == condition


def test_a_metric_of_staff_can_be_chosen(client):
    MetricFactory(metric_id="pages_read", name="Pages read")
    page = text(client.get(url("achievement_add")))
    assert '<option value="metric:pages_read">Pages read (pages)</option>' in page
    client.post(url("achievement_add"), lines(("metric:pages_read", "40")))
    assert Achievement.objects.get().condition == metric("pages_read", 40)


@pytest.mark.parametrize(
    ("rows", "joined", "reason"),
    [
        ([], "one", "This field is required."),
        ([("", "5")], "one", "Line 1: Choose what is counted."),
        ([("metric:luck", "5")], "one", "Line 1: Choose what is counted."),
        ([("xp", "")], "one", "Line 1: Give a whole number from 1 to"),
        ([("xp", "0")], "one", "Line 1: Give a whole number from 1 to"),
        ([("xp", "-5")], "one", "Line 1: Give a whole number from 1 to"),
        ([("xp", "\u0661")], "one", "Line 1: Give a whole number from 1 to"),
        ([("xp", "9" * 5_000)], "one", "Line 1: Give a whole number from 1 to"),
        ([("xp", "5"), ("level", "2")], "one", "There are several lines: choose whether all or any"),
        ([("xp", "5", "inside")], "all", "A line belongs to the group above it, but there is none."),
        ([("xp", "5", "nowhere")], "all", "Line 1: Choose where it belongs."),
        ([("level", "1")], "one", "everybody begins at player level 1"),
        ([("xp", "5")] * 51, "all", "at most 50 parts"),
    ],
)
def test_faulty_lines_are_refused_with_the_reason_and_stay(client, rows, joined, reason):
    page = text(client.post(url("achievement_add"), lines(*rows, joined=joined)))
    assert reason in html.unescape(page)
    assert not Achievement.objects.exists()
    if rows:
        assert shown_in(page)["condition-0-amount"] == rows[0][1]


def test_a_badge_without_lines_is_awarded_by_hand(client):
    client.post(url("badge_add"), lines(("", ""), achievement_id=None))
    assert Badge.objects.get().condition is None


def test_looking_says_what_it_asks_for_and_of_whom_and_saves_nothing(client, django_assert_max_num_queries):
    for words in (10, 9, 5):
        UserFactory(profile__counters={"words_learned": words})
    data = lines(("metric:words_learned", "10"), name="Not yet", xp_reward="", _look="1")
    with django_assert_max_num_queries(12):
        page = text(client.post(url("achievement_add"), data))
    assert "Total of words learned reaches 10." in page
    assert "1 learner meets it now." in page
    assert "1 more has at least 90 % of it." in page
    assert 'value="Not yet"' in page
    assert "This field is required." not in page
    assert not Achievement.objects.exists()


def test_looking_at_a_faulty_line_says_what_is_wrong(client):
    page = text(client.post(url("achievement_add"), lines(("xp", "many"), _look="1", name="")))
    assert "Line 1: Give a whole number" in page
    assert "meet" not in page.partition("data-looked>")[2].partition("</div>")[0]
    assert "This field is required." not in page


def test_looking_at_a_saved_one_changes_nothing(client):
    achievement = AchievementFactory(condition=XP_1000)
    opened = fingerprint(achievement)
    client.post(url("achievement_change", achievement.pk), lines(("level", "3"), opened=opened, _look="1"))
    assert Achievement.objects.get().condition == XP_1000
    assert achievement.history.count() == 1


def test_more_lines_are_added_without_javascript_and_keep_what_is_typed(client):
    data = lines(("xp", "many"), _lines="1")
    page = text(client.post(url("achievement_add"), data))
    shown = shown_in(page)
    assert (shown["condition-lines"], shown["condition-0-amount"]) == ("6", "many")
    assert 'class="errornote"' not in page
    assert not Achievement.objects.exists()


@pytest.mark.parametrize("condition", [DEEP, {**XP_1000, "colour": 1}, metric("luck", 5)], ids=json.dumps)
def test_what_lines_cannot_show_is_edited_as_json_and_loses_nothing(client, condition):
    achievement = AchievementFactory()
    Achievement.objects.update(condition=condition)
    page = text(client.get(url("achievement_change", achievement.pk)))
    assert "Lines cannot show this condition" in page
    shown = shown_in(page)
    assert (shown["condition_by"], json.loads(shown["condition"])) == ("json", condition)


def test_json_is_still_possible_and_is_shown_in_lines_afterwards(client):
    data = form(condition_by="json", condition=json.dumps({"any": [XP_1000]}))
    client.post(url("achievement_add"), {**data, "condition-lines": "1", "condition-0-what": "level"})
    achievement = Achievement.objects.get()
    assert achievement.condition == {"any": [XP_1000]}
    shown = shown_in(text(client.get(url("achievement_change", achievement.pk))))
    assert (shown["condition_by"], shown["condition_joined"], shown["condition-0-what"]) == ("lines", "any", "xp")


@given(conditions())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
def test_what_the_builder_shows_is_read_back_equal(condition):
    field = ConditionBuilderField()
    page = field.widget.render("condition", field.prepare_value(condition), {"id": "id_condition"})
    data = shown_in(page)
    assert data["condition_by"] == "lines"
    assert field.clean(field.widget.value_from_datadict(data, {}, "condition")) == condition


SENT = ["condition_by", "condition_joined", "condition-lines", "condition-0-what", "condition-0-amount"]
ANYTHING = st.text(max_size=6) | st.sampled_from(["lines", "1", "xp", "all", "inside"])


@given(st.dictionaries(st.sampled_from([*SENT, "condition-0-place"]), ANYTHING))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_whatever_is_sent_is_a_condition_or_refused(data):
    field = ConditionBuilderField(required=False)
    sent = field.widget.value_from_datadict(data, {}, "condition")
    with suppress(ValidationError):
        validate_condition(field.clean(sent) or XP_1000)
    assert field.widget.render("condition", field.bound_data(sent, None), {})


@pytest.mark.parametrize("factory", [AchievementFactory, BadgeFactory])
def test_saving_what_the_page_shows_changes_nothing(client, factory):
    owner = factory(condition={"all": [XP_1000, {"any": [metric("scenarios_completed", 2)]}]})
    page = url(f"{owner._meta.model_name}_change", owner.pk)
    answer = client.get(page)
    values = {name: field.value() for name, field in ((f.name, f) for f in answer.context["adminform"].form)}
    data = {name: value for name, value in values.items() if value is not None and value is not False} | shown_in(
        text(answer)
    )
    saved = client.post(page, data)
    assert saved.status_code == 302, (saved.context["adminform"].form.errors, data)
    assert owner.history.count() == 1


def test_the_page_takes_few_statements(client, django_assert_max_num_queries):
    MetricFactory()
    owner = AchievementFactory(condition={"all": [XP_1000] * 50})
    client.get(url("achievement_change", owner.pk))
    with django_assert_max_num_queries(12):
        client.get(url("achievement_change", owner.pk))

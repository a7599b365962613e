"""Rule sets in the admin: a draft is a form; what it changes is shown before it is published."""

import copy

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from catalogues.editing import CHANGED_MEANWHILE
from gamification.models import XPRuleSet
from gamification.pricing.rules import DEFAULT_RULES, validate_rules
from gamification.rule_sets.descriptions import NUMBERS
from gamification.versions.numbers import Difference, differences
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db

ADD = "admin:gamification_xpruleset_add"


def changed(**changes):
    rules = copy.deepcopy(DEFAULT_RULES)
    for part, values in changes.items():
        rules[part] = {**rules[part], **values} if isinstance(values, dict) else values
    return rules


@pytest.fixture(autouse=True)
def _one_person_may_publish(settings):
    """`tests/gamification/staff/test_content_approvals.py` tests the second person."""
    settings.XP_APPROVAL_ABOVE = 1_000_000


@pytest.fixture
def draft(db):
    return XPRuleSet.objects.create(version=2, note="Twice the start", rules=changed(formula={"base": 20}))


def url(page, rule_set):
    return reverse(f"admin:gamification_xpruleset_{page}", args=[rule_set.pk])


def form_of(client, address, **changes):
    """The form as a browser would post it, with `changes`."""
    form = client.get(address).context["adminform"].form
    shown = {name: form.initial.get(name, field.initial) for name, field in form.fields.items()}
    return {name: "" if value is None else value for name, value in shown.items()} | changes


def publish(client, rule_set, **changes):
    return client.post(url("publish", rule_set), comparison_of(client, rule_set) | changes)


def comparison_of(client, rule_set):
    return client.get(url("publish", rule_set)).context["form"].initial


def versions():
    return dict(XPRuleSet.objects.values_list("version", "status"))


def leaves(value, path=()):
    if isinstance(value, dict):
        return {leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))}
    return {".".join(path)}


def test_every_number_of_the_rules_is_explained_once():
    paths = [number.path for number in NUMBERS]
    assert sorted(paths) == sorted(leaves(DEFAULT_RULES))


def test_a_new_draft_begins_with_the_numbers_in_force_and_the_next_version(admin_client):
    form = form_of(admin_client, reverse(ADD), note="As before")
    assert (form["version"], form["formula__base"], form["curve__growth"], form["daily_xp_cap"]) == (2, 10, "1.15", "")
    assert admin_client.post(reverse(ADD), form).status_code == 302
    made = XPRuleSet.objects.get(version=2)
    assert (made.status, made.rules, made.note) == ("draft", DEFAULT_RULES, "As before")


def test_a_draft_is_edited_number_by_number(admin_client, draft):
    form = form_of(
        admin_client,
        url("change", draft),
        formula__base=30,
        multipliers__hard="1.25",
        daily_xp_cap=500,
        curve__kind="quadratic",
        titles="1 Seed\n\n 10  Young tree ",
    )
    assert admin_client.post(url("change", draft), form).status_code == 302
    draft.refresh_from_db()
    assert draft.rules == changed(
        formula={"base": 30},
        multipliers={"hard": "1.25"},
        daily_xp_cap=500,
        curve={"kind": "quadratic"},
        titles=[[1, "Seed"], [10, "Young tree"]],
    )
    validate_rules(draft.rules)


def test_the_form_says_what_each_number_means(admin_client, draft):
    page = admin_client.get(url("change", draft)).content.decode()
    assert "XP for finishing faster than the level expects" in page
    assert "base and points times this on a level that is very easy" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("formula__base", "-1"),
        ("formula__base", ""),
        ("formula__base", "1.5"),
        ("formula__points_per_xp", "0"),
        ("multipliers__hard", "lots"),
        ("multipliers__hard", "11"),
        ("multipliers__hard", "nan"),
        ("multipliers__hard", "1/0"),
        ("curve__growth", "0.9"),
        ("curve__max_level", "101"),
        ("curve__kind", "linear"),
        ("titles", "Novice"),
        ("titles", ""),
        ("note", ""),
    ],
)
def test_a_bad_number_is_refused_at_its_field(admin_client, draft, field, value):
    answer = admin_client.post(url("change", draft), form_of(admin_client, url("change", draft), **{field: value}))
    assert list(answer.context["adminform"].form.errors) == [field]
    draft.refresh_from_db()
    assert draft.rules == changed(formula={"base": 20})


@pytest.mark.parametrize("titles", ["2 Novice", "1 Novice\n1 Twice\n0 Back"])
def test_titles_that_do_not_rise_from_level_1_are_refused(admin_client, draft, titles):
    answer = admin_client.post(url("change", draft), form_of(admin_client, url("change", draft), titles=titles))
    assert "The rule set cannot be read" in answer.content.decode()


def test_differences_name_each_number_with_both_values():
    assert differences(NUMBERS, DEFAULT_RULES, DEFAULT_RULES) == []
    after = changed(formula={"base": 20}, daily_xp_cap=500, titles=[[1, "Novice"]])
    assert differences(NUMBERS, DEFAULT_RULES, after) == [
        Difference("formula.base", "XP for finishing", "10", "20"),
        Difference("daily_xp_cap", "XP that completions pay a UTC date at most; empty: no limit", "", "500"),
        Difference(
            "titles",
            "one a line: the first level that has it, then the title",
            "1 Novice\n10 Apprentice\n20 Adept\n30 Expert\n40 Master\n50 Grandmaster\n70 Legend\n90 Mythic",
            "1 Novice",
        ),
    ]


def test_publishing_shows_what_changes_and_changes_nothing_yet(admin_client, draft):
    words = " ".join(admin_client.get(url("publish", draft)).content.decode().split())
    assert "What version 2 changes in version 1, which is in force" in words
    assert '<tr><th scope="row">formula.base</th><td>10</td><td>20</td><td>XP for finishing</td></tr>' in words
    assert words.count('<th scope="row">') == 1
    assert versions() == {1: "published", 2: "draft"}


def test_publishing_a_draft_retires_the_version_in_force_and_is_logged(admin_client, admin_user, draft):
    assert publish(admin_client, draft).status_code == 302
    assert versions() == {1: "retired", 2: "published"}
    log = LogEntry.objects.get()
    assert (log.user, log.get_change_message()) == (
        admin_user,
        "Published instead of version 1: formula.base from '10' to '20'. Note: Twice the start",
    )


def test_publishing_a_draft_without_changes_shows_a_note(admin_client):
    same = XPRuleSet.objects.create(version=2)
    assert "The draft has the same numbers as version 1" in admin_client.get(url("publish", same)).content.decode()


def test_a_comparison_with_another_version_is_shown_again_before_publishing(admin_client, draft):
    other = XPRuleSet.objects.create(version=3)
    publish(admin_client, other)
    answer = publish(admin_client, draft, in_force=1)
    assert "Another version came into force meanwhile. Look at the differences again." in answer.content.decode()
    assert answer.context["in_force"] == other
    assert versions() == {1: "retired", 2: "draft", 3: "published"}


def test_a_draft_that_changed_after_the_comparison_is_not_published(admin_client, draft):
    compared = comparison_of(admin_client, draft)
    draft.rules["formula"]["base"] = 1_000
    draft.save()
    answer = admin_client.post(url("publish", draft), compared)
    page = answer.content.decode()
    assert "The draft was changed meanwhile, so it was not published. Look at the differences again." in page
    assert '<th scope="row">formula.base</th><td>10</td><td>1000</td>' in page
    assert versions() == {1: "published", 2: "draft"}
    admin_client.post(url("publish", draft), answer.context["form"].initial)
    assert versions() == {1: "retired", 2: "published"}


def test_the_second_editor_of_a_draft_gets_a_conflict_error(admin_client, draft):
    first, second = (form_of(admin_client, url("change", draft), formula__base=base) for base in [30, 40])
    assert admin_client.post(url("change", draft), first).status_code == 302
    answer = admin_client.post(url("change", draft), second)
    assert str(CHANGED_MEANWHILE) in answer.content.decode()
    draft.refresh_from_db()
    assert draft.rules == changed(formula={"base": 30})


def test_only_a_draft_is_published(admin_client, draft):
    publish(admin_client, draft)
    for version in [1, 2]:
        answer = publish(admin_client, XPRuleSet.objects.get(version=version))
        assert "Only a draft can be published." in answer.content.decode()
    assert versions() == {1: "retired", 2: "published"}


def test_a_broken_draft_is_not_published(admin_client):
    broken = XPRuleSet.objects.create(version=2, rules=changed(formula={"base": "ten"}))
    assert "The rule set cannot be read" in publish(admin_client, broken).content.decode()
    assert versions() == {1: "published", 2: "draft"}


def test_the_list_links_to_the_comparison(admin_client, draft):
    address = reverse("admin:gamification_xpruleset_changelist")
    assert admin_client.get(address).content.decode().count(">Compare and publish</a>") == 1
    chosen = {"action": "publish", "_selected_action": [draft.pk]}
    assert admin_client.post(address, chosen)["Location"] == url("publish", draft)
    both = {"action": "publish", "_selected_action": [draft.pk, XPRuleSet.objects.get(version=1).pk]}
    assert "Choose one draft." in admin_client.post(address, both, follow=True).content.decode()
    assert versions() == {1: "published", 2: "draft"}


def test_a_draft_links_to_the_comparison(admin_client, draft):
    assert url("publish", draft) in admin_client.get(url("change", draft)).content.decode()
    in_force = XPRuleSet.objects.get(version=1)
    assert url("publish", in_force) not in admin_client.get(url("change", in_force)).content.decode()


@pytest.mark.parametrize(("changes", "notes"), [({"curve": {"first_step": 50}}, 1), ({"formula": {"base": 20}}, 0)])
def test_only_a_changed_curve_shows_the_note_about_achievement_checks(admin_client, changes, notes):
    other = XPRuleSet.objects.create(version=2, rules=changed(**changes))
    page = admin_client.get(url("publish", other)).content.decode()
    assert page.count("<code>achievements/check</code>") == notes


def test_a_published_rule_set_is_shown_and_cannot_be_edited(admin_client):
    published = XPRuleSet.objects.get()
    page = admin_client.get(url("change", published))
    assert "<td>1.15</td>" in page.content.decode()
    assert admin_client.post(url("change", published), {"version": 9, "rules": "{}"}).status_code == 403
    assert admin_client.post(url("delete", published), {"post": "yes"}).status_code == 403


def test_publishing_requires_the_change_permission(client, draft):
    looker = StaffFactory(is_superuser=False)
    looker.user_permissions.set(Permission.objects.filter(codename="view_xpruleset"))
    client.force_login(looker)
    page = client.get(url("change", draft))
    assert (page.status_code, url("publish", draft) in page.content.decode()) == (200, False)
    assert [client.get(url("publish", draft)).status_code, client.post(url("publish", draft)).status_code] == [403] * 2
    assert versions() == {1: "published", 2: "draft"}

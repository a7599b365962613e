"""A condition as staff type it and as the database keeps it."""

import pytest
from django.core.exceptions import ValidationError

from gamification.conditions.fields import ConditionField, ConditionFormField
from gamification.models import Achievement, Badge, Requirement

from .factories import XP_1000, AchievementFactory, BadgeFactory, metric


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Not JSON: line 1, column 2: Expecting property name enclosed in double quotes."),
        ('{"type": "xp",\n "threshold": }', "Not JSON: line 2, column 15: Expecting value."),
        ('{"type": "xp", "threshold": 1, "threshold": 2}', "Not a condition: a key is given twice: threshold."),
        ("9" * 5000, "Not a condition: Exceeds the limit (4300 digits) for integer string conversion: value has 5000 "),
        ("[" * 100_000, "Not a condition: maximum recursion depth exceeded"),
    ],
)
def test_invalid_json_is_refused_with_line_and_column(text, reason):
    with pytest.raises(ValidationError) as refused:
        ConditionFormField().clean(text)
    assert refused.value.messages[0].startswith(reason)


def test_valid_json_is_parsed():
    assert ConditionFormField().clean('{"type": "xp", "threshold": 1000}') == XP_1000
    assert ConditionFormField(required=False).clean("") is None
    assert ConditionField().formfield().clean('{"any": []}') == {"any": []}  # the model says what is wrong with it


@pytest.mark.parametrize("nothing", [{}, [], "", 0, False])
@pytest.mark.parametrize("kind", [Achievement, Badge])
def test_an_empty_value_is_a_bad_condition_and_not_a_missing_one(kind, nothing):
    with pytest.raises(ValidationError, match="Condition: "):
        kind._meta.get_field("condition").clean(nothing, None)


def test_only_a_badge_may_have_no_condition():
    assert Badge._meta.get_field("condition").clean(None, None) is None
    with pytest.raises(ValidationError, match="cannot be null"):
        Achievement._meta.get_field("condition").clean(None, None)


def thresholds(owner):
    return sorted(owner.requirements.values_list("metric", "threshold"))


@pytest.mark.django_db
def test_saving_rewrites_the_requirements():
    first = AchievementFactory(condition={"all": [XP_1000, metric("scenarios_completed", 3), XP_1000]})
    other = BadgeFactory(condition=XP_1000)
    assert thresholds(first) == [("levels_completed", 3), ("xp", 1000)]
    first.condition = metric("languages", 2)
    first.save(update_fields=["condition"])
    assert (thresholds(first), thresholds(other)) == ([("languages", 2)], [("xp", 1000)])
    other.condition = None
    other.save()
    assert (thresholds(first), thresholds(other)) == ([("languages", 2)], [])


@pytest.mark.django_db
@pytest.mark.parametrize("factory", [AchievementFactory, BadgeFactory])
def test_saving_validates_the_condition(factory):
    with pytest.raises(ValidationError):
        factory(condition={"type": "luck"})
    assert not Requirement.objects.exists()
    assert not Achievement.objects.exists()
    assert not Badge.objects.exists()

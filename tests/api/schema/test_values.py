"""Fixed values are enumerations."""

import re

from gamification.models import Achievement, LedgerEntry
from gamification.pricing.factors import FACTORS
from gamification.streaks.runs import Action
from levels.errors import LOCK_REASONS
from tracking.models import LearningSession


def enumeration(schema, name):
    return set(schema["components"]["schemas"][name]["enum"])


def test_fixed_values_are_enumerations(schema):
    components = schema["components"]["schemas"]

    assert components["XpFactor"]["properties"]["factor"] == {"$ref": "#/components/schemas/FactorEnum"}
    assert enumeration(schema, "FactorEnum") == set(FACTORS)
    assert components["Streak"]["properties"]["action"] == {"$ref": "#/components/schemas/ActionEnum"}
    assert enumeration(schema, "ActionEnum") == set(Action)
    assert components["UnlockedAchievement"]["properties"]["rarity"] == {"$ref": "#/components/schemas/RarityEnum"}
    assert enumeration(schema, "RarityEnum") == set(Achievement.Rarity.values)
    assert components["Entry"]["properties"]["reason"] == {"$ref": "#/components/schemas/ReasonEnum"}
    assert enumeration(schema, "ReasonEnum") == set(LedgerEntry.Reason.values)
    assert enumeration(schema, "LockReasonEnum") == set(LOCK_REASONS)
    assert enumeration(schema, "SessionStatusEnum") == set(LearningSession.Status.values)
    assert enumeration(schema, "TakenEventStatusEnum") == {"created", "replayed", "held"}


def test_every_value_called_status_or_action_is_an_enumeration(schema, look_up):
    free = [
        (name, field)
        for name, component in schema["components"]["schemas"].items()
        for field, part in component.get("properties", {}).items()
        if field in {"status", "action", "rarity", "factor", "kind", "verdict", "difficulty", "code"}
        if name != "Problem" or field != "status"
        if not any("enum" in each or "const" in each for each in [look_up(part), *map(look_up, alternatives(part))])
    ]
    assert free == []


def alternatives(part):
    return part.get("oneOf", []) + part.get("allOf", [])


def snake_case(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def test_no_object_has_a_field_of_its_own_name(schema):
    """Generators for Python would take one for the other."""
    clashes = [
        name for name, part in schema["components"]["schemas"].items() if snake_case(name) in part.get("properties", {})
    ]
    assert clashes == []

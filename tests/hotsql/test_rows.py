"""A row made without the model's constructor is the one that the constructor makes."""

import pytest
from django.utils import timezone

from gamification.models import FirstTime, LedgerEntry, Trust
from hotsql.rows import new_row

ENTRY = {
    "learner_id": 7,
    "sequence": 3,
    "delta": -20,
    "balance_after": 30,
    "reason": LedgerEntry.Reason.REVERSAL,
    "reference_type": "completion",
    "reference_id": "9",
    "rule_set_id": 2,
    "trust": Trust.VERIFIED,
    "reversal_of_id": 5,
    "effective_at": timezone.now(),
    "created_at": timezone.now(),
}


@pytest.mark.parametrize(
    ("model", "values"), [(LedgerEntry, ENTRY), (FirstTime, {"learner_id": 7, "metric": "words", "value": "a"})]
)
def test_it_has_the_values_given_and_the_defaults_of_the_others(model, values):
    made, expected = vars(new_row(model, **values)), vars(model(**values))
    states = [each.pop("_state") for each in (made, expected)]
    assert made == expected
    assert [(state.adding, state.db) for state in states] == [(True, None)] * 2


def test_two_rows_share_no_default():
    assert new_row(LedgerEntry, **ENTRY).metadata is not new_row(LedgerEntry, **ENTRY).metadata


@pytest.mark.parametrize("name", ["learner", "unknown"])
def test_a_name_that_is_no_attribute_of_a_column_is_refused(name):
    with pytest.raises(TypeError, match=name):
        new_row(FirstTime, **{name: 1})

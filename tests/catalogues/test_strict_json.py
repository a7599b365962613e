import pytest

from catalogues import strict_json


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"a": 1, "b": 2, "a": 1}', "a key is given twice: a"),
        (b'[{"x": {"y": 1, "y": 2}}]', "a key is given twice: y"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b"-Infinity", "-Infinity is not JSON"),
        (b"{", "Expecting property name"),
        (b"\xff\xfe\xfd", "can't decode"),
    ],
)
def test_what_readers_disagree_about_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        strict_json.loads(text)


def test_other_json_is_read_as_it_is():
    assert strict_json.loads('{"a": [1, 2.5, "é", null, true]}'.encode()) == {"a": [1, 2.5, "é", None, True]}


@pytest.mark.parametrize(
    ("value", "is_storable"),
    [
        ("é 💾", True),
        ("a\0b", False),
        ("\ud800", False),
        (["a", ["\udfff"]], False),
        ({"a\0": 1}, False),
        ({"a": {"b": ["c\0"]}}, False),
        ({"a": [1, None, True, 2.5]}, True),
    ],
)
def test_texts_that_no_database_stores(value, is_storable):
    assert strict_json.is_storable(value) is is_storable

"""Copies of a migrated database: made again after each change of what decides its contents."""

import pytest

from benchmarks import migrated


@pytest.fixture
def fingerprint_of(tmp_path, monkeypatch):
    """`fingerprint_of({path: text})` of a product with these files."""
    monkeypatch.setattr(migrated, "ROOT", tmp_path)

    def fingerprint_of(files):
        for name, text in (
            {"requirements.txt": "django==5", "tests/__init__.py": "", "levels/__init__.py": ""} | files
        ).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return migrated.fingerprint.__wrapped__()

    return fingerprint_of


@pytest.mark.parametrize(
    "changed", ["requirements.txt", "levels/migrations/0001_initial.py", "levels/catalogues/coding.json"]
)
def test_another_database_is_made_after_a_change_of_the_product(fingerprint_of, changed):
    assert fingerprint_of({changed: "a"}) != fingerprint_of({changed: "b"})


@pytest.mark.parametrize("changed", ["tests/test_levels.py", "docs/levels.json", "levels/static/levels.css"])
def test_the_same_database_is_copied_after_other_changes(fingerprint_of, changed):
    assert fingerprint_of({changed: "a"}) == fingerprint_of({changed: "b"})

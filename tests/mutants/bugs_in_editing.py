from .seeding import bug

EDITING = [
    bug(
        "many levels are changed without the second person",
        "levels/bulk_edits.py",
        "changed = [level for level in to_change if level not in refused]",
        "changed = [*to_change]",
        tests=["tests/levels/test_bulk_edits.py"],
    ),
    bug(
        "what one person publishes at once is not added to what they published before",
        "gamification/staff/bulk_publishing.py",
        "total, refused = worth_of_edits(actor, since=at - EDITS_WITHIN), []",
        "total, refused = 0, []",
        tests=["tests/catalogues/test_bulk_publishing.py"],
    ),
    bug(
        "a copy of a level pays as much as the original",
        "levels/duplicates.py",
        "if needs_approval(None, copy):",
        "if not needs_approval(None, copy):",
        tests=["tests/catalogues/test_duplicates.py"],
    ),
    bug(
        "the second of two editors overwrites what the first changed",
        "catalogues/conflicts.py",
        "            _put(form, name, theirs)\n",
        "            pass\n",
        tests=["tests/catalogues/test_conflicts.py"],
    ),
    bug(
        "the second of two editors loses her input",
        "catalogues/conflicts.py",
        "if not form_field.has_changed(before[name].initial, form[name].data):",
        "if name:",
        tests=["tests/catalogues/test_conflicts.py"],
    ),
    bug(
        "whoever works here sees drafts in the preview",
        "skillquest/pages/level_preview.py",
        'person.has_perms(["levels.view_level", *more])',
        "person.is_active",
        tests=["tests/pages/test_level_preview.py"],
    ),
    bug(
        "looking at a condition saves it",
        "gamification/admin/earnable_forms.py",
        "            del self.errors[name]\n        return False",
        "            del self.errors[name]\n        return is_valid",
        tests=["tests/gamification/earnables/test_condition_builder.py"],
    ),
    bug(
        "a condition is shown in lines that leave out what they cannot show",
        "gamification/conditions/rows.py",
        "return rows if to_condition(rows) == condition else None",
        "return rows",
        tests=["tests/gamification/earnables/test_condition_rows.py"],
    ),
]

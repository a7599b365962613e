"""P8: the ledger refuses every road to its lines; and past the triggers, the audit names whose they were."""

from datetime import timedelta

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from gamification.awards.adjustments import reverse
from gamification.ledger import triggers
from gamification.ledger.audit import find_mismatches
from gamification.models import LearnerProfile, LedgerEntry, XPRuleSet
from skillquest.accounts.models import User
from tests.factories import StaffFactory, UserFactory, adjust

pytestmark = pytest.mark.django_db

LINES = LedgerEntry.objects
COLUMNS = ", ".join(field.column for field in LedgerEntry._meta.concrete_fields)
ALL_BUT_ID = COLUMNS.removeprefix("id, ")


@pytest.fixture
def staff():
    return StaffFactory()


def give(learner, amount, staff):
    return adjust(learner_id=learner.pk, amount=amount, reason="A gift", actor=staff, at=timezone.now())


@pytest.fixture
def lines(learner, staff):
    return [give(learner, amount, staff) for amount in (10, 20, 30, 20, -10)]


@pytest.fixture
def others(staff):
    other = UserFactory()
    return [give(other, amount, staff) for amount in (10, 20)]


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def copy_of(line, **changes):
    values = {field.attname: getattr(line, field.attname) for field in LedgerEntry._meta.concrete_fields}
    return LedgerEntry(**values | {"id": None} | changes)


# --- Refused ----------------------------------------------------------------------------------------------------------

BY_ORM = {
    "save": lambda line: line.save(),
    "save of one field": lambda line: line.save(update_fields=["note"]),
    "save as new under the old id": lambda line: copy_of(line, id=line.pk).save(force_update=True),
    "update": lambda _line: LINES.update(delta=1_000),
    "update to the same": lambda _line: LINES.update(note=F("note")),
    "bulk_update": lambda line: LINES.bulk_update([line], ["balance_after"]),
    "update_or_create": lambda line: LINES.update_or_create(pk=line.pk, defaults={"delta": 5}),
    "delete": lambda line: line.delete(),
    "delete of all": lambda _line: LINES.all().delete(),
    "delete without a look": lambda _line: LINES.all()._raw_delete(LINES.db),
    "a line twice": lambda line: copy_of(line, reference_id="more").save(),
    "a line out of the chain": lambda line: copy_of(line, sequence=9, reference_id="more").save(),
    "a line with a made-up balance": lambda line: copy_of(
        line, sequence=6, balance_after=900, reference_id="more"
    ).save(),
    "a line before the first": lambda line: copy_of(
        line, sequence=0, balance_after=line.delta, reference_id="more"
    ).save(),
    "insert or update": lambda line: LINES.bulk_create(
        [copy_of(line, delta=99)],
        update_conflicts=True,
        update_fields=["delta"],
        unique_fields=["learner", "sequence"],
    ),
    "a deed paid again": lambda line: copy_of(
        line, sequence=6, balance_after=line.balance_after + 60, delta=line.delta
    ).save(),
}

BY_SQL = {
    "UPDATE": "UPDATE xp_history SET delta = 1000",
    "UPDATE of one": "UPDATE xp_history SET learner_id = learner_id WHERE sequence = 1",
    "DELETE": "DELETE FROM xp_history",
    "DELETE in a sub-select": "DELETE FROM xp_history WHERE id IN (SELECT MAX(id) FROM xp_history)",
    "INSERT again": f"INSERT INTO xp_history ({COLUMNS}) SELECT id + 1000, {ALL_BUT_ID} FROM xp_history",
    "ON CONFLICT DO UPDATE": f"INSERT INTO xp_history ({COLUMNS}) SELECT {COLUMNS} FROM xp_history WHERE true "
    "ON CONFLICT (id) DO UPDATE SET delta = 1000",
}
BY_SQL_OF = {
    "sqlite": {
        "REPLACE": f"REPLACE INTO xp_history ({COLUMNS}) SELECT {COLUMNS} FROM xp_history",
        "INSERT OR REPLACE": f"INSERT OR REPLACE INTO xp_history ({COLUMNS}) SELECT {COLUMNS} FROM xp_history",
        "UPDATE OR IGNORE": "UPDATE OR IGNORE xp_history SET delta = 1000",
        "UPDATE OR REPLACE": "UPDATE OR REPLACE xp_history SET sequence = 1",
    },
    "postgresql": {
        "TRUNCATE": "TRUNCATE xp_history CASCADE",
        "DELETE in a WITH": "WITH gone AS (DELETE FROM xp_history RETURNING 1) SELECT COUNT(*) FROM gone",
        "TRUNCATE of people": "TRUNCATE accounts_user CASCADE",
    },
}


def refused(deed):
    """Also by a constraint that waits for the end of the transaction."""
    try:
        with transaction.atomic():
            deed()
            connection.check_constraints()
    except (Error, ProtectedError):
        return True
    return False


def snapshot():
    return list(LINES.order_by("pk").values())


@pytest.mark.parametrize("road", BY_ORM)
def test_no_road_of_the_orm_changes_a_line(lines, road):
    before = snapshot()
    with pytest.raises(IntegrityError), transaction.atomic():
        BY_ORM[road](lines[1])
    assert snapshot() == before


def test_no_sql_changes_a_line(lines):
    before = snapshot()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE waits for no deferred check
    for road, statement in {**BY_SQL, **BY_SQL_OF[connection.vendor]}.items():
        assert refused(lambda statement=statement: sql(statement)), road
        assert snapshot() == before, road


def test_neither_a_person_nor_a_rule_set_nor_a_reversed_line_takes_lines_along(lines, learner, staff):
    reverse(lines[0], actor=staff, note="a mistake", at=timezone.now())
    before = snapshot()
    for row in (learner, staff, XPRuleSet.objects.get(), lines[0]):
        assert refused(row.delete), row
    assert refused(User.objects.all().delete)
    for table in ("accounts_user", "gamification_xpruleset"):
        assert refused(lambda table=table: sql(f"DELETE FROM {table}")), table
    assert snapshot() == before


FOLDER = "/admin/gamification/ledgerentry/"


def test_the_admin_changes_no_line(lines, client, staff):
    before, line = snapshot(), lines[1]
    client.force_login(staff)
    form = {"delta": 1_000, "balance_after": 1_000, "note": "mine", "post": "yes", "_save": "Save"}
    chosen = {"action": "delete_selected", "_selected_action": line.pk, "post": "yes"}
    for path, sent in [("add/", form), (f"{line.pk}/change/", form), (f"{line.pk}/delete/", form), ("", chosen)]:
        assert client.post(f"{FOLDER}{path}", sent).status_code in {200, 302, 403}, path
        assert snapshot() == before, path


# --- Detected ---------------------------------------------------------------------------------------------------------


def rewrite(line, **values):
    LINES.filter(pk=line.pk).update(**values)


def swap(first, second, *names):
    """Exchange these columns between two lines (by way of a place that nobody has)."""
    one, two = ({name: getattr(line, name) for name in names} for line in (first, second))
    if "sequence" in names:
        rewrite(first, sequence=1_000)
    rewrite(second, **one)
    rewrite(first, **two)


EDITS = {
    "a delta": lambda lines, _: rewrite(lines[1], delta=19),
    "the last delta": lambda lines, _: rewrite(lines[4], delta=-9),
    "a balance": lambda lines, _: rewrite(lines[1], balance_after=29),
    "the last balance": lambda lines, _: rewrite(lines[4], balance_after=71),
    "delta and balance": lambda lines, _: rewrite(lines[1], delta=19, balance_after=29),
    "a place": lambda lines, _: rewrite(lines[4], sequence=6),
    "the first place": lambda lines, _: rewrite(lines[0], sequence=0),
    "another learner's line": lambda lines, others: rewrite(
        lines[4], learner=others[0].learner, sequence=3, balance_after=20
    ),
}
DELETIONS = {
    "the first": lambda lines, _: LINES.filter(pk=lines[1].pk).delete(),
    "one in between": lambda lines, _: LINES.filter(pk=lines[2].pk).delete(),
    "the last": lambda lines, _: LINES.filter(pk=lines[4].pk).delete(),
    "a tail": lambda lines, _: LINES.filter(learner=lines[0].learner, sequence__gt=2).delete(),
    "a head": lambda lines, _: LINES.filter(learner=lines[0].learner, sequence__lt=3).delete(),
    "all of one learner": lambda lines, _: LINES.filter(learner=lines[0].learner).delete(),
    "one, the gap closed": lambda lines, _: (
        LINES.filter(pk=lines[3].pk).delete(),
        rewrite(lines[4], sequence=4),
    ),
}
SWAPS = {
    "places": lambda lines, _: swap(lines[1], lines[2], "sequence"),
    "places and balances": lambda lines, _: swap(lines[1], lines[2], "sequence", "balance_after"),
    "deltas": lambda lines, _: swap(lines[1], lines[2], "delta"),
    "deltas and balances": lambda lines, _: swap(lines[1], lines[2], "delta", "balance_after"),
    "learners": lambda lines, others: swap(lines[2], others[1], "learner_id", "sequence"),
}
ADDITIONS = {
    "at the end": lambda lines, _: copy_of(lines[1], sequence=6, balance_after=90, reference_id="more").save(),
    "at the end, wrong": lambda lines, _: copy_of(lines[1], sequence=6, reference_id="more").save(),
    "before the first": lambda lines, _: copy_of(lines[1], sequence=0, balance_after=20, reference_id="more").save(),
}
TOTALS = {
    "the total": lambda lines, _: profile_of(lines).update(total_xp=1_000),
    "the place of the last line": lambda lines, _: profile_of(lines).update(last_sequence=4),
    "the total, and the last line with it": lambda lines, _: (
        rewrite(lines[4], balance_after=71),
        profile_of(lines).update(total_xp=71),
    ),
    "no profile at all": lambda lines, _: profile_of(lines)._raw_delete("default"),
}
TAMPERINGS = {
    f"{kind}: {name}": tamper
    for kind, all_of_them in {
        "edit": EDITS,
        "deletion": DELETIONS,
        "swap": SWAPS,
        "addition": ADDITIONS,
        "profile": TOTALS,
    }.items()
    for name, tamper in all_of_them.items()
}


def profile_of(lines):
    return LearnerProfile.objects.filter(pk=lines[0].learner_id)


def drop_triggers():
    """As the owner of the database: not even the door is needed."""
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE xp_history DISABLE TRIGGER USER; SET CONSTRAINTS ALL DEFERRED")
    else:
        for name in triggers.SQLITE_TRIGGERS:
            sql(f"DROP TRIGGER {name}")


@pytest.mark.tampers
@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_whoever_gets_past_the_triggers_is_found_out(lines, others, tampering):
    assert find_mismatches() == []
    drop_triggers()
    TAMPERINGS[tampering](lines, others)
    assert lines[0].learner_id in {found.learner_id for found in find_mismatches()}


CONSISTENT = {
    "a cut tail, and a profile that agrees": lambda lines, _: (
        LINES.filter(pk=lines[4].pk).delete(),
        profile_of(lines).update(total_xp=80, last_sequence=4),
    ),
    "every number behind it recomputed": lambda lines, _: (
        rewrite(lines[4], delta=-9, balance_after=71),
        profile_of(lines).update(total_xp=71),
    ),
    "words": lambda lines, _: rewrite(lines[1], note="Another reason", reason="import", actor=None),
    "a moment": lambda lines, _: rewrite(lines[1], effective_at=F("effective_at") - timedelta(days=9)),
    "two lines of one amount": lambda lines, _: swap(lines[1], lines[3], "sequence", "balance_after"),
}


@pytest.mark.parametrize("tampering", CONSISTENT)
def test_what_the_audit_cannot_see(lines, others, tampering):
    """Written down so that nobody believes more: see docs/proof.md. Sums know nothing of what adds up."""
    drop_triggers()
    CONSISTENT[tampering](lines, others)
    assert find_mismatches() == []

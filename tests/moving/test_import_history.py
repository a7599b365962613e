"""What an import writes, what it leaves, and what it says about it."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from gamification.models import (
    Achievement,
    ActivityDay,
    Badge,
    BadgeAward,
    FirstTime,
    FreezeEvent,
    LearnerProfile,
    LedgerEntry,
    MetricTotal,
    Unlock,
)
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.models import User
from skillquest.moving import importing
from skillquest.moving.models import ImportedRow, ImportRun, StaleTotals
from skillquest.moving.records import KINDS
from tests.factories import LevelFactory, MetricFactory, StaffFactory, UserFactory
from tests.moving.conftest import completion, learner, opening_xp
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.models import Completion, LearningSession

NOON = datetime(2023, 5, 1, 12, tzinfo=UTC)


def profile(external_id="m-1"):
    return LearnerProfile.objects.get(user__external_id=external_id)


def everything_is_derived():
    return list(rebuild_profiles(write=False, at=NOON)) == [] and not StaleTotals.objects.exists()


def test_a_learner_gets_an_account_without_a_password(run_import, write_lines):
    person = learner(
        email="Ana@example.org",
        username="ana.putri",
        display_name="Ana  Putri",
        time_zone="Asia/Jakarta",
        language="id-ID",
        created_at="2021-02-03T04:05:06+00:00",
        freezes=1,
        leaderboard_opt_out=True,
    )
    run_import(write_lines(person), "--apply")
    user = User.objects.get(external_id="m-1")
    assert (user.email, user.username, user.display_name) == ("Ana@example.org", "ana.putri", "Ana Putri")
    assert (user.email_normal_form, user.language) == ("ana@example.org", "id")
    assert user.date_joined == datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert not user.has_usable_password()
    mine = profile()
    assert (mine.time_zone, mine.freezes_available, mine.first_freezes) == ("Asia/Jakarta", 1, 1)
    assert (mine.leaderboard_opt_out, mine.listed) == (True, False)
    assert everything_is_derived()


def test_opening_xp_is_one_line_of_the_ledger(run_import, write_lines):
    run_import(write_lines(learner(), opening_xp(500, note="From the old course")), "--apply")
    entry = LedgerEntry.objects.get()
    assert (entry.delta, entry.reason, entry.trust, entry.note) == (500, "import", "verified", "From the old course")
    assert (entry.effective_at, entry.reference_type, entry.metadata) == (NOON, "import", {"source": "old"})
    assert (profile().total_xp, profile().verified_xp) == (500, 500)


def test_a_completion_counts_as_done_and_pays_nothing(run_import, write_lines):
    run_import(write_lines(learner(time_zone="Asia/Jakarta"), completion(score=1000, time_spent=60)), "--apply")
    row = Completion.objects.get()
    assert (row.score, row.max_score, row.passed, row.perfect, row.held) == (1000, 1000, True, True, False)
    assert (row.source, row.trust, row.category, row.study_seconds) == ("import", "verified", "basics", 60)
    assert row.occurred_at == datetime(2023, 5, 2, 10, tzinfo=UTC)
    assert not LedgerEntry.objects.exists()
    mine = profile()
    assert (mine.total_xp, mine.levels_completed, mine.active_days) == (0, 1, 1)
    assert (mine.counters["completions"], mine.counters["perfect_scores"]) == (1, 1)
    assert {(first.metric, first.value) for first in FirstTime.objects.all()} == {
        ("levels_completed", str(row.level_id)),
        ("categories_completed", "basics"),
    }
    assert [(day.date, day.kind, day.completed) for day in ActivityDay.objects.all()] == [
        (date(2023, 5, 2), "active", True)
    ]
    assert everything_is_derived()


def test_the_date_of_a_completion_is_that_of_the_learner(run_import, write_lines):
    late = completion(occurred_at="2023-05-02T20:00:00Z")
    run_import(write_lines(learner(time_zone="Asia/Jakarta"), late), "--apply")
    assert ActivityDay.objects.get().date == date(2023, 5, 3)


@pytest.mark.parametrize(
    ("fields", "passed"),
    [
        ({"score": 500}, True),
        ({"score": 499}, False),
        ({"score": 5, "max": 10}, True),
        ({"score": 4, "max": 10}, False),
    ],
)
def test_without_a_word_about_it_the_share_of_the_score_decides_whether_it_passed(
    run_import, write_lines, fields, passed
):
    run_import(write_lines(learner(), completion(**fields)), "--apply")
    assert Completion.objects.get().passed is passed
    assert profile().levels_completed == int(passed)


def test_a_system_without_scores_says_only_that_it_was_passed(run_import, write_lines):
    run_import(write_lines(learner(), completion(score="", passed="yes")), "--apply")
    assert (Completion.objects.get().score, Completion.objects.get().passed) == (1000, True)


def test_a_completion_with_a_start_was_a_session(run_import, write_lines):
    run_import(write_lines(learner(), completion(started_at="2023-05-02T09:58:00Z")), "--apply")
    session = LearningSession.objects.get()
    assert (session.status, session.time_spent, session.completion) == ("ended", 120, Completion.objects.get())
    assert profile().counters["sessions_completed"] == 1
    assert everything_is_derived()


def test_playing_an_imported_level_again_pays_what_its_opening_xp_has_not(run_import, write_lines, catalogue):
    paid = opening_xp(80, level="first")
    run_import(write_lines(learner(), paid, completion()), "--apply")
    assert LedgerEntry.objects.get().subject == f"level:{catalogue[0].pk}"


def test_achievements_and_badges_are_unlocked_without_pay(run_import, write_lines):
    achievement = Achievement.objects.create(
        achievement_id="ten",
        name="Ten",
        xp_reward=50,
        condition={"type": "metric", "name": "completions", "threshold": 10},
    )
    badge = Badge.objects.create(name="Pioneer")
    rows = [
        {"kind": "achievement", "external_id": "m-1", "achievement": "ten", "date": "2022-01-05"},
        {"kind": "badge", "external_id": "m-1", "badge": "Pioneer", "date": "2022-01-06"},
    ]
    run_import(write_lines(learner(), *rows), "--apply")
    unlock = Unlock.objects.get()
    assert (unlock.achievement, unlock.xp_reward, unlock.quiet) == (achievement, 0, True)
    assert unlock.earned_at == datetime(2022, 1, 5, 12, tzinfo=UTC)
    assert BadgeAward.objects.get().badge == badge
    assert (profile().total_xp, profile().achievements_unlocked) == (0, 1)
    assert everything_is_derived()


def test_streak_days_make_the_streak_and_freezes_stay_as_many_as_the_learner_had(run_import, write_lines):
    days = [
        {"kind": "streak_day", "external_id": "m-1", "date": f"2023-05-0{number}", "state": state}
        for number, state in [(1, "active"), (2, "frozen"), (3, "active")]
    ]
    run_import(write_lines(learner(freezes=2), *days), "--apply")
    mine = profile()
    assert (mine.streak_run, mine.longest_streak, mine.active_days, mine.last_day) == (2, 2, 2, date(2023, 5, 3))
    assert (mine.freezes_available, mine.counters["freezes_used"]) == (2, 1)
    assert FreezeEvent.objects.get().date == date(2023, 5, 2)
    assert everything_is_derived()


def test_a_second_run_changes_nothing(run_import, write_lines):
    path = write_lines(learner(), opening_xp(500), completion())
    run_import(path, "--apply")
    rows = ImportedRow.objects.count()
    printed = run_import(path, "--apply")
    assert printed == [
        "learner: 1 imported before",
        "opening_xp: 1 imported before",
        "completion: 1 imported before",
        "before: 1 learners, 1 completions, 500 XP",
        "imported: 0 learners, 0 completions, 0 XP",
        "after: 1 learners, 1 completions, 500 XP",
    ]
    assert (ImportedRow.objects.count(), LedgerEntry.objects.count()) == (rows, 1)


def test_a_row_that_stands_in_the_file_twice_is_imported_once(run_import, write_lines):
    printed = run_import(write_lines(learner(), opening_xp(500), opening_xp(500)), "--apply")
    assert "opening_xp: 1 new, 1 imported before" in printed
    assert profile().total_xp == 500


def test_the_same_id_with_other_content_is_a_problem_and_changes_nothing(run_import, write_lines):
    run_import(write_lines(learner(), opening_xp(500, id="line 1")), "--apply")
    printed = run_import(write_lines(learner(), opening_xp(900, id="line 1"), name="other.jsonl"), "--apply")
    assert printed[0] == (
        "line 2: problem: opening_xp: a row with this id was imported before with other content; nothing was changed"
    )
    assert printed[-1] == "error: 1 rows were not imported."
    assert profile().total_xp == 500


def test_the_same_id_of_another_source_is_another_row(run_import, write_lines):
    run_import(write_lines(learner(), opening_xp(500, id="1")), "--apply", source="old")
    run_import(write_lines(learner(), opening_xp(40, id="1"), name="b.jsonl"), "--apply", source="older")
    assert profile().total_xp == 540


def test_a_dry_run_says_the_same_as_a_real_one_and_writes_nothing(run_import, write_lines):
    path = write_lines(
        learner(),
        learner("m-2", email="no address"),
        learner("m-3", email="c@example.org", username="carla", display_name="Carla"),
        learner("m-4", email="C@example.org"),
        learner("m-5", username="Carla", display_name="C a r l a"),
        opening_xp(500),
        opening_xp(500),
        opening_xp(-600),
        opening_xp(0),
        opening_xp(10, "m-2"),
        opening_xp(10, "m-9"),
        completion("nowhere"),
        completion(client_event_id="5cbb1f3e-5a3c-4fc1-9e4b-0c2a5f6f9a11"),
        completion(score=700, client_event_id="5cbb1f3e-5a3c-4fc1-9e4b-0c2a5f6f9a11"),
        {"kind": "quest"},
    )
    dry = run_import(path)
    assert not any(model.objects.exists() for model in (User, LedgerEntry, Completion, ImportedRow, ImportRun))
    real = run_import(path, "--apply")
    assert dry[: len(dry) - 4] == real[: len(real) - 3]
    assert dry[-4:] == [
        "to import: 3 learners, 1 completions, 500 XP",
        "after: 3 learners, 1 completions, 500 XP",
        "Nothing was written. With --apply it is.",
        "error: 8 rows would not be imported.",
    ]
    assert real[-3:] == [
        "imported: 3 learners, 1 completions, 500 XP",
        "after: 3 learners, 1 completions, 500 XP",
        "error: 8 rows were not imported.",
    ]
    assert real[:11] == [
        "line 2: problem: learner: “no address” is not an e-mail address",
        "line 4: problem: learner: this e-mail address belongs to another account: change that one, or leave it out",
        "line 5: warning: learner: username “Carla” is left out, another one is made: it is taken",
        "line 5: warning: learner: display name “C a r l a” is left out: it looks like a sign-in name of somebody else",
        "line 8: problem: opening_xp: the learner's total would be -100",
        "line 10: problem: opening_xp: no row of the kind learner for “m-2” was imported before it",
        "line 11: problem: opening_xp: no row of the kind learner for “m-9” was imported before it",
        "line 12: problem: completion: there is no level “nowhere”",
        "line 14: problem: completion: a completion with this client_event_id exists",
        f"line 15: problem: kind must be one of {', '.join(KINDS)}, not “quest”",
        "learner: 3 new, 2 not imported",
    ]


def test_strict_writes_nothing_where_a_row_has_a_problem(run_import, write_lines):
    printed = run_import(write_lines(learner(), opening_xp("many")), "--apply", "--strict")
    assert printed[-1] == "error: Nothing was written: 1 rows have a problem."
    assert not User.objects.exists()


def test_strict_writes_a_file_without_problems(run_import, write_lines):
    printed = run_import(write_lines(learner(), opening_xp(5)), "--apply", "--strict")
    assert printed[-1] == "after: 1 learners, 0 completions, 5 XP"


def test_all_problems_are_written_to_a_file_and_some_are_shown(run_import, write_lines, tmp_path):
    path, found = write_lines(*[opening_xp(1, f"m-{number}") for number in range(25)]), tmp_path / "problems.txt"
    printed = run_import(path, "--problems", found)
    assert len(found.read_text().splitlines()) == 25
    assert printed[20] == "… and 5 more problems and warnings; --problems FILE lists all."


def test_learners_of_later_portions_are_found(run_import, write_lines, monkeypatch):
    monkeypatch.setattr(importing, "PORTION", 2)
    people = [learner(f"m-{number}") for number in range(5)]
    printed = run_import(write_lines(*people, *[opening_xp(10, f"m-{number}") for number in range(5)]), "--apply")
    assert printed[-1] == "after: 5 learners, 0 completions, 50 XP"


def test_an_interrupted_run_continues_where_it_was(run_import, write_lines, monkeypatch):
    monkeypatch.setattr(importing, "PORTION", 2)
    path = write_lines(learner(), *[opening_xp(10, id=str(number)) for number in range(5)], completion())
    portions, write = [], importing.write_portion

    def fail_at_the_third(portion, *others):
        portions.append(portion)
        if len(portions) == 3:
            raise KeyboardInterrupt
        return write(portion, *others)

    monkeypatch.setattr(importing, "write_portion", fail_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        run_import(path, "--apply")
    assert profile().total_xp == 30
    assert ImportRun.objects.get().rows_done == 4
    monkeypatch.setattr(importing, "write_portion", write)
    printed = run_import(path, "--apply")
    assert printed == [
        "This continues the run that was interrupted.",
        "learner: 1 new",
        "opening_xp: 5 new",
        "completion: 1 new",
        "before: 1 learners, 0 completions, 30 XP",
        "imported: 1 learners, 1 completions, 50 XP",
        "after: 1 learners, 1 completions, 50 XP",
    ]
    assert everything_is_derived()


def test_rows_join_an_account_that_has_the_external_id(run_import, write_lines):
    mine = UserFactory(external_id="m-1", email="ana@example.org", display_name="Ana")
    run_import(write_lines(learner(email="ANA@example.org", display_name="Other"), opening_xp(7)), "--apply")
    mine.refresh_from_db()
    assert (User.objects.count(), mine.display_name, profile().total_xp) == (1, "Ana", 7)


def test_an_account_with_another_address_is_not_joined(run_import, write_lines):
    UserFactory(external_id="m-1", email="ben@example.org")
    printed = run_import(write_lines(learner(email="ana@example.org"), opening_xp(7)), "--apply")
    assert printed[:2] == [
        "line 1: problem: learner: an account with this external id exists, and has another e-mail address",
        "line 2: problem: opening_xp: no row of the kind learner for “m-1” was imported before it",
    ]
    assert profile().total_xp == 0


def test_accounts_of_staff_and_deactivated_ones_are_left_alone(run_import, write_lines):
    StaffFactory(external_id="m-1")
    UserFactory(external_id="m-2", is_active=False)
    printed = run_import(write_lines(learner(), learner("m-2"), opening_xp(5)), "--apply")
    assert printed[:3] == [
        "line 1: problem: learner: the account with this external id is one of staff, or a test learner",
        "line 2: problem: learner: the account with this external id is deactivated",
        "line 3: problem: opening_xp: the account with this external id is one of staff, or a test learner",
    ]


def test_a_name_that_looks_like_that_of_staff_is_left_out(run_import, write_lines):
    StaffFactory(username="headmaster")
    run_import(write_lines(learner(display_name="Head Master")), "--apply")
    assert User.objects.get(external_id="m-1").display_name == ""


def test_what_happens_in_the_future_is_a_problem(run_import, write_lines):
    printed = run_import(write_lines(learner(), opening_xp(5, date="2999-01-01"), completion(occurred_at="2999-01-01")))
    assert printed[:2] == [
        "line 2: problem: opening_xp: date is in the future",
        "line 3: problem: completion: occurred_at is in the future",
    ]


def test_who_was_excluded_from_boards_stays_excluded(run_import, write_lines):
    run_import(write_lines(learner(board_standing="excluded")), "--apply")
    assert (profile().board_standing, profile().listed) == ("excluded", False)


def test_imported_levels_open_what_they_are_prerequisites_of(run_import, write_lines, catalogue, sign_in):
    LevelFactory(level_id="third", prerequisites=[catalogue[0]])
    person = UserFactory(external_id="m-1")
    run_import(write_lines(learner(), completion()), "--apply")
    answer = sign_in(person).post("/api/v1/levels/complete", {"level_id": "third", "score": 10}, format="json")
    assert answer.status_code == 200


def test_an_event_that_was_imported_is_answered_as_a_replay(run_import, write_lines, sign_in):
    person, event = UserFactory(external_id="m-1"), "5cbb1f3e-5a3c-4fc1-9e4b-0c2a5f6f9a11"
    run_import(write_lines(learner(), opening_xp(30), completion(client_event_id=event)), "--apply")
    body = {"level_id": "first", "score": 600, "client_event_id": event}
    answer = sign_in(person).post("/api/v1/levels/complete", body, format="json").json()
    assert (answer["is_new_completion"], answer["awarded_xp"], answer["new_total_xp"]) == (False, 0, 30)
    assert (answer["level"]["level_id"], answer["trust"]) == ("first", "verified")


def test_a_portion_takes_few_statements_however_many_rows(run_import, write_lines, django_assert_max_num_queries):
    rows = [learner(f"m-{number}") for number in range(100)]
    rows += [make(f"m-{number}") for number in range(100) for make in MAKERS]
    with django_assert_max_num_queries(80):
        run_import(write_lines(*rows), "--apply")
    assert LearnerProfile.objects.filter(total_xp=5).count() == 100


MAKERS = [
    lambda external_id: opening_xp(5, external_id),
    lambda external_id: completion(external_id=external_id),
    lambda external_id: {"kind": "streak_day", "external_id": external_id, "date": "2023-05-09"},
]


def test_a_result_right_after_an_import_is_no_duplicate_of_an_imported_one(run_import, write_lines, sign_in):
    client = sign_in(UserFactory(external_id="m-1"))
    run_import(write_lines(learner(), completion(score=600)), "--apply")
    answer = client.post("/api/v1/levels/complete", {"level_id": "first", "score": 600}, format="json").json()
    assert answer["is_new_completion"] is True
    assert answer["awarded_xp"] > 0


def test_an_imported_attempt_can_be_looked_at(run_import, write_lines, catalogue, sign_in):
    catalogue[0].kind = "challenge"
    catalogue[0].save()
    client = sign_in(UserFactory(external_id="m-1"))
    run_import(write_lines(learner(), opening_xp(30), completion(started_at="2023-05-02T09:58:00Z")), "--apply")
    attempt = LearningSession.objects.get()
    answer = client.get(f"/api/v1/attempts/{attempt.pk}")
    assert (answer.status_code, answer.json()["xp_awarded"]) == (200, 0)


def test_completions_are_paid_by_the_rules_where_that_is_asked_for(run_import, write_lines):
    rows = [learner(freezes=0), opening_xp(1000)]
    rows += [completion(occurred_at=f"2023-05-0{day}", id=str(day), score=1000) for day in (3, 1, 2)]
    printed = run_import(write_lines(*rows), "--apply", "--pay-completions")
    completions = Completion.objects.order_by("occurred_at")
    assert [row.answer["awarded_xp"] > 0 for row in completions] == [
        True,
        False,
        False,
    ]  # a repetition improves nothing
    entries = list(LedgerEntry.objects.order_by("sequence").values_list("reason", "trust", "effective_at__day"))
    assert entries[:2] == [("import", "verified", 1), ("import", "verified", 1)]
    mine = profile()
    assert (mine.streak_run, mine.active_days, mine.levels_completed) == (3, 3, 1)
    assert mine.total_xp == 1000 + sum(row.answer["total_awarded_xp"] for row in completions)
    assert printed[-1] == f"after: 1 learners, 3 completions, {mine.total_xp} XP"
    assert printed[-2] == f"imported: 1 learners, 3 completions, {mine.total_xp} XP"
    assert everything_is_derived()


def test_paid_completions_are_paid_once_and_achievements_that_were_imported_are_not_paid_again(
    run_import, write_lines, monkeypatch
):
    monkeypatch.setattr(importing, "PORTION", 2)
    condition = {"type": "metric", "name": "completions", "threshold": 1}
    Achievement.objects.create(achievement_id="one", name="One", xp_reward=50, condition=condition)
    had = {"kind": "achievement", "external_id": "m-1", "achievement": "one", "date": "2022-01-05"}
    days = [{"kind": "streak_day", "external_id": "m-1", "date": f"2023-05-0{day}"} for day in (1, 2)]
    path = write_lines(learner(), had, *days, completion(occurred_at="2023-05-03"), completion("second"))
    run_import(path, "--apply", "--pay-completions")
    total = profile().total_xp
    assert not LedgerEntry.objects.filter(reason="achievement").exists()
    assert (profile().streak_run, Unlock.objects.get().xp_reward) == (3, 0)
    assert run_import(path, "--apply", "--pay-completions")[-2] == "imported: 0 learners, 0 completions, 0 XP"
    assert profile().total_xp == total
    assert everything_is_derived()


def test_an_erased_person_does_not_come_back_with_the_same_file(run_import, write_lines):
    path = write_lines(learner(email="ana@example.org", display_name="Ana"), opening_xp(500, note="Ana's XP"))
    run_import(path, "--apply")
    person = User.objects.get(external_id="m-1")
    erase_person(user_id=person.pk, at=timezone.now())
    assert run_import(path, "--apply")[-1] == "after: 0 learners, 0 completions, 0 XP"
    assert User.objects.count() == 1
    entry = LedgerEntry.objects.get()
    assert (entry.note, entry.metadata) == ("", {"source": "old"})
    assert "m-1" not in entry.reference_id
    again = run_import(write_lines(learner(), opening_xp(5), name="b.jsonl"), "--apply", source="other")
    assert again[0] == "line 1: problem: learner: the person with this external id was erased"


def test_metrics_that_staff_made_grow_without_pay(run_import, write_lines):
    MetricFactory()
    rows = [
        {"kind": "metric", "external_id": "m-1", "metric": "pages_read", "value": 5000, "date": "2023-05-01"},
        {
            "kind": "metric",
            "external_id": "m-1",
            "metric": "pages_read",
            "value": 5,
            "counted": 2,
            "date": "2023-05-02",
        },
        {"kind": "metric", "external_id": "m-1", "metric": "words_learned", "value": 5, "date": "2023-05-02"},
        {"kind": "metric", "external_id": "m-1", "metric": "kilometres", "value": 5, "date": "2023-05-02"},
        completion(metrics={"pages_read": 10}),
        completion("second", metrics={"kilometres": 10}),
    ]
    printed = run_import(write_lines(learner(), *rows), "--apply")
    assert printed[:3] == [
        "line 4: problem: metric: the metric “words_learned” is counted from completions and days",
        "line 5: problem: metric: the metric “kilometres” does not exist",
        "line 7: problem: completion: the metric “kilometres” does not exist",
    ]
    assert (profile().counters["pages_read"], profile().total_xp) == (5012, 0)
    total = MetricTotal.objects.get()
    assert (total.metric_id, total.total, total.verified_total) == ("pages_read", 5012, 5012)
    assert everything_is_derived()


@pytest.mark.parametrize("fields", [{"reported_by": "key"}, {"published": False}])
def test_paid_completions_keep_metrics_that_learners_cannot_report(run_import, write_lines, fields):
    MetricFactory(**fields)
    run_import(write_lines(learner(), completion(metrics={"pages_read": 10})), "--apply", "--pay-completions")
    assert Completion.objects.get().metrics == {"pages_read": 10}
    assert profile().counters["pages_read"] == 10
    assert everything_is_derived()


def test_unknown_metadata_is_left_out_so_that_a_client_can_send_the_event_again(run_import, write_lines, sign_in):
    person, event = UserFactory(external_id="m-1"), "5cbb1f3e-5a3c-4fc1-9e4b-0c2a5f6f9a11"
    metadata = {"hints_used": 1, "unheard_of": 3}
    run_import(write_lines(learner(), completion(client_event_id=event, metadata=metadata)), "--apply")
    assert Completion.objects.get().metadata == {"hints_used": 1}
    body = {"level_id": "first", "score": 600, "client_event_id": event, "metadata": metadata}
    answer = sign_in(person).post("/api/v1/levels/complete", body, format="json")
    assert (answer.status_code, answer.json()["is_new_completion"]) == (200, False)


def metric(value, **fields):
    row = {"kind": "metric", "external_id": "m-1", "metric": "pages_read", "value": value, "date": "2023-05-01"}
    return {**row, **fields}


def test_a_metric_event_whose_id_is_taken_is_a_problem(run_import, write_lines):
    MetricFactory()
    event, other = "5cbb1f3e-5a3c-4fc1-9e4b-0c2a5f6f9a11", "5cbb1f3e-5a3c-4fc1-9e4b-0c2a5f6f9a12"
    problem = "problem: metric: a metric event with this client_event_id exists"
    # A completion may have the same id.
    rows = [metric(5, client_event_id=event), metric(7, client_event_id=event), completion(client_event_id=event)]
    path = write_lines(learner(), learner("m-2"), *rows, metric(9, client_event_id=event, external_id="m-2"))
    for options in ([], ["--apply"]):
        printed = run_import(path, *options)
        assert printed[0] == f"line 4: {problem}"
        assert {"metric: 2 new, 1 not imported", "completion: 1 new"} <= set(printed)
    assert profile().counters["pages_read"] == 5
    later = write_lines(
        learner(), metric(8, client_event_id=event), metric(1, client_event_id=other), name="later.jsonl"
    )
    for options in ([], ["--apply"]):
        printed = run_import(later, *options, source="other")
        assert printed[0] == f"line 2: {problem}"
        assert "metric: 1 new, 1 not imported" in printed
    assert profile().counters["pages_read"] == 6
    assert everything_is_derived()


def test_a_dry_run_knows_the_metric_events_of_earlier_portions(run_import, write_lines, monkeypatch):
    monkeypatch.setattr(importing, "PORTION", 2)
    MetricFactory()
    event = "5cbb1f3e-5a3c-4fc1-9e4b-0c2a5f6f9a11"
    printed = run_import(write_lines(learner(), *[metric(value, client_event_id=event) for value in (5, 7)]))
    assert "metric: 1 new, 1 not imported" in printed


def test_a_frozen_day_that_the_learner_has_already_uses_no_freeze(run_import, write_lines):
    def days(*numbers):
        row = {"kind": "streak_day", "external_id": "m-1", "state": "frozen"}
        return [row | {"date": f"2023-05-0{number}"} for number in numbers]

    active = {"kind": "streak_day", "external_id": "m-1", "date": "2023-05-01"}
    run_import(write_lines(learner(freezes=2), active, *days(2)), "--apply")
    run_import(write_lines(learner(), *days(1, 2, 3), name="b.jsonl"), "--apply", source="other")
    assert set(ActivityDay.objects.values_list("date__day", "kind")) == {(1, "active"), (2, "frozen"), (3, "frozen")}
    assert sorted(event.date.day for event in FreezeEvent.objects.all()) == [2, 3]
    mine = profile()
    assert (mine.first_freezes, mine.freezes_available, mine.counters["freezes_used"]) == (4, 2, 2)
    assert everything_is_derived()

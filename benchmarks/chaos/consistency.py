"""P3 and P7: operations of every kind at once, and audits of the ledger while it is written.

    python -m tests.servers --postgres -- python -m benchmarks.chaos.consistency [--seconds 60] [--seed 1]

P3 mixes completions (three in ten sent twice), sessions, adjustments and reversals, from processes of several threads,
through the services. P7 is the bank test: meanwhile audits check, with one statement for each learner and one for all,
that totals and ledger agree. Prints one line of JSON each.
"""

import argparse
import json
import multiprocessing
import os
import random
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator

from benchmarks import product
from benchmarks.migrated import migrated_postgresql

LEARNERS, LONG_HISTORY = 1_000, 10_000
RELEASE_SECONDS = 60
WRITERS, WRITER_THREADS, AUDITORS = 2, 4, 2
LEVEL = "blue-vs-red"

AUDIT_ONE = """
    SELECT profile.total_xp - COALESCE((SELECT SUM(delta) FROM xp_history WHERE learner_id = profile.user_id), 0),
        profile.total_xp - COALESCE((
            SELECT balance_after FROM xp_history WHERE learner_id = profile.user_id ORDER BY sequence DESC LIMIT 1
        ), 0)
    FROM gamification_learnerprofile profile WHERE profile.user_id = %s
"""


def set_up(variables) -> None:
    """Use Django in this process, on the database of `variables`."""
    os.environ.update(variables)
    import django

    django.setup()


def populate(variables, sizes) -> None:
    """Create learners, one of whom has a long history, and a staff account; in bulk, with all triggers active."""
    set_up(variables)
    from django.utils import timezone

    from gamification.models import LearnerProfile, LedgerEntry, XPRuleSet
    from skillquest.accounts.models import User

    learners, long_history = sizes
    at, version = timezone.now(), XPRuleSet.objects.published().get().version
    users = User.objects.bulk_create(
        User(username=f"saver-{n}", email=f"saver-{n}@example.org") for n in range(learners)
    )
    User.objects.create_superuser("cashier", "cashier@example.org", str(uuid.uuid4()))
    LearnerProfile.objects.bulk_create(LearnerProfile(user=user) for user in users)
    rich = users[0]
    LedgerEntry.objects.bulk_create(
        (
            LedgerEntry(
                learner=rich,
                sequence=n,
                delta=1,
                balance_after=n,
                reason="import",
                reference_type="import",
                reference_id=str(n),
                rule_set_id=version,
                effective_at=at,
                created_at=at,
            )
            for n in range(1, long_history + 1)
        ),
        batch_size=1_000,
    )
    LearnerProfile.objects.filter(pk=rich.pk).update(total_xp=long_history, last_sequence=long_history)


class Writer:
    """Performs random operations until the time is up, and counts their outcomes."""

    def __init__(self, seed, learner_ids) -> None:
        self.rng, self.learner_ids, self.counts = random.Random(seed), learner_ids, Counter()
        self.totals = {}  # event id -> `new_total_xp` of the first answer

    def work(self, until) -> None:
        from skillquest.accounts.models import User

        self.cashier = User.objects.get(username="cashier")
        operations = [self.complete] * 6 + [self.play_session] * 2 + [self.adjust_xp, self.reverse]
        while time.monotonic() < until:
            operation = self.rng.choice(operations)
            # One in five goes to the same few learners, to make conflicts likely.
            ids = self.learner_ids[:5] if self.rng.random() < 0.2 else self.learner_ids
            self.attempt(operation, User(pk=self.rng.choice(ids)))

    def attempt(self, operation, learner) -> None:
        from django.db import Error
        from rest_framework.exceptions import APIException

        try:
            operation(learner)
        except APIException as refusal:
            self.counts[f"refused {refusal.get_codes()}"] += 1
        except Error as error:
            code = getattr(error.__cause__, "sqlstate", None)
            self.counts[f"error {type(error).__name__} {code}"] += 1
        else:
            self.counts[operation.__name__] += 1

    def complete(self, learner) -> None:
        from django.utils import timezone

        from tracking.recording.completions import Claim
        from tracking.recording.services import complete_level

        event = uuid.UUID(int=self.rng.getrandbits(128), version=4)
        claim = Claim(LEVEL, self.rng.randint(0, 100), client_event_id=event)
        for _ in range(1 + (self.rng.random() < 0.3)):
            outcome = complete_level(learner=learner, claim=claim, source="api", at=timezone.now())
            self.counts["new" if outcome.is_new else "again"] += 1
            total = outcome.answer["new_total_xp"]
            if self.totals.setdefault(str(event), total) != total:
                self.counts["different answers"] += 1

    def play_session(self, learner) -> None:
        from django.utils import timezone

        from tracking.recording.services import end_session, start_session

        at = timezone.now()
        session, _ = start_session(learner=learner, level=LEVEL, resume=True, at=at)
        end_session(learner=learner, session_id=session.pk, score=50, metadata={}, source="api", at=at)

    def adjust_xp(self, learner) -> None:
        from django.utils import timezone

        from gamification.awards.adjustments import adjust_xp

        amount = self.rng.choice([-40, -5, 5, 40])
        adjust_xp(learner_id=learner.pk, amount=amount, reason="a gift", actor=self.cashier, at=timezone.now())

    def reverse(self, learner) -> None:
        from django.utils import timezone

        from gamification.awards.adjustments import reverse
        from gamification.models import LedgerEntry

        entry = LedgerEntry.objects.filter(learner=learner, reversal_of=None).order_by("?").first()
        if entry:
            reverse(entry, actor=self.cashier, note="chaos", at=timezone.now())


def write(variables, seed, learner_ids, seconds, results) -> None:
    set_up(variables)
    from django.db import connections

    until = time.monotonic() + seconds
    writers = [Writer(f"{seed} {thread}", learner_ids) for thread in range(WRITER_THREADS)]

    def run(writer) -> None:
        writer.work(until)
        connections.close_all()

    threads = [threading.Thread(target=run, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = {event for writer in writers for event in writer.totals}
    results.put((sum((writer.counts for writer in writers), Counter()), events))


def audit(variables, seed, learner_ids, seconds, results) -> None:
    set_up(variables)
    from django.db import connection

    from gamification.ledger.audit import find_mismatches

    rng, until = random.Random(seed), time.monotonic() + seconds
    audits = everybody = mismatches = 0
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            for _ in range(200):
                cursor.execute(AUDIT_ONE, [rng.choice(learner_ids)])
                mismatches += cursor.fetchone() != (0, 0)
                audits += 1
            mismatches += len(find_mismatches())
            everybody += 1
    results.put((audits, everybody, mismatches))


def in_processes(function, count, variables, options, learner_ids) -> Callable[[], list]:
    """Start `count` processes. Returns a function that waits for them and returns what each has put into the queue."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    processes = [
        context.Process(target=function, args=(variables, f"{options.seed} {n}", learner_ids, options.seconds, queue))
        for n in range(count)
    ]
    for process in processes:
        process.start()

    def results() -> list:
        found = [queue.get() for _ in processes]
        for process in processes:
            process.join()
        return found

    return results


def judge(written, audited, report, options) -> Iterator[dict]:
    counts = sum((counted for counted, _ in written), Counter())
    acknowledged = set().union(*(events for _, events in written))
    # Every completion of this level earns XP.
    awards = sum(learner["completions"] for learner in report["learners"].values())
    p3 = {
        "lost": len(acknowledged - set(report["events"])),
        "events_with_different_answers": counts["different answers"],
        "database_errors": sum(count for name, count in counts.items() if name.startswith("error")),
        "ledger_mismatches": report["mismatches"],
    }
    p7 = {
        "audits": sum(audits for audits, _, _ in audited),
        "audits_of_everybody": sum(everybody for _, everybody, _ in audited),
        "mismatches": sum(mismatches for _, _, mismatches in audited),
        "awards_per_second": round(awards / options.seconds, 1),
    }
    target = dict.fromkeys(p3, 0)
    yield {"name": "P3 mixed operations", "figure": p3, "target": target, "pass": p3 == target, "counts": counts}
    wanted = {"mismatches": 0, "audits": ">= 10000 at release size", "awards_per_second": ">= 100 at release size"}
    is_large = p7["audits"] >= 10_000 and p7["awards_per_second"] >= 100
    passed = p7["mismatches"] == 0 < p7["audits"] and (is_large or options.seconds < RELEASE_SECONDS)
    yield {"name": "P7 bank test", "figure": p7, "target": wanted, "pass": passed}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos.consistency", description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=int, default=RELEASE_SECONDS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        sys.exit("This needs PostgreSQL: python -m tests.servers --postgres -- python -m benchmarks.chaos.consistency")
    with migrated_postgresql(server, catalogue=True) as database_url:
        variables = product.environment(database_url)
        context = multiprocessing.get_context("spawn")
        populating = context.Process(target=populate, args=(variables, (LEARNERS, LONG_HISTORY)))
        populating.start()
        populating.join()
        learner_ids = [learner["id"] for learner in product.ledger_report(variables)["learners"].values()]
        written = in_processes(write, WRITERS, variables, options, learner_ids)
        audited = in_processes(audit, AUDITORS, variables, options, learner_ids)
        lines = list(judge(written(), audited(), product.ledger_report(variables), options))
    for line in lines:
        print(json.dumps({"seed": options.seed, "seconds": options.seconds, **line}), flush=True)
    return 0 if all(line["pass"] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())

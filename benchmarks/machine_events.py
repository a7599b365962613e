"""POST events: how much faster than single posts, and whether anything is lost or paid twice when workers are killed.

    python -m tests.servers --postgres -- python -m benchmarks.machine_events [--small] [--seed N]

M1: a server reports batches of 1 000 events of 100 learners, then the same events of other learners one by one with
`levels/complete`, in turns within one run; both have to lead to the same totals. The figure compares processor time of
the web server and PostgreSQL, which other work on the machine distorts less than time by the clock. M2: four processes
send 10 000 events of 1 000 learners in batches of 1 000, 30 % of them sent before and 2 % invalid, while web workers
are killed with kill -9; whoever gets no answer sends the batch again. Prints one line of JSON each.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import sys
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path

import psycopg

from benchmarks import product
from benchmarks.chaos.cluster import children_of
from benchmarks.chaos.web_server import WebServer, web_server
from benchmarks.machine_clients import EVENTS_OF_A_LEARNER, OPEN_LEVEL, Client, completion, make_key, of_learner, story

BATCH, LEARNERS_OF_A_BATCH = 1_000, 100
CLIENTS, ROUNDS, SMALL_ROUNDS, TARGET = 4, 3, 1, 12
BATCHES, SMALL_BATCHES = 4, 2  # of each client and round
LEARNERS_ONE_BY_ONE = 10  # of each client and round
SENT_TWICE, BAD = 0.3, 0.02
KILLS = 4
BAD_FIELDS = [{"score": "85"}, {"level_id": "nowhere"}, {"awarded_xp": 1000}, {"occurred_at": "2020-01-01T00:00:00Z"}]


# --- M1


@dataclass
class Cost:
    events: int = 0
    seconds: float = 0
    processor_seconds: float = 0


def send_in_batches(client: Client, stories: dict[str, list[dict]]) -> Counter:
    """In each batch all learners' first events, then all their second ones, as a game server would collect them."""
    counts, names = Counter(), list(stories)
    for first in range(0, len(names), LEARNERS_OF_A_BATCH):
        batch = names[first : first + LEARNERS_OF_A_BATCH]
        events = [of_learner(name, stories[name][n]) for n in range(EVENTS_OF_A_LEARNER) for name in batch]
        counts.update(result["status"] for result in client.send_batch(events))
    return counts


def send_one_by_one(client: Client, stories: dict[str, list[dict]]) -> Counter:
    return Counter(
        "created" if client.post("levels/complete", event, name)["is_new_completion"] else "replayed"
        for name, own in stories.items()
        for event in own
    )


def throughput(server: WebServer, roots: list[int], token: str, options) -> tuple[dict[str, Cost], Counter]:
    """What each way cost, and what was answered. `roots` are the processes whose work is measured, with children."""
    port = server.port
    batches = SMALL_BATCHES if options.small else BATCHES
    until, costs, counts = datetime.now(UTC), {"batches": Cost(), "one by one": Cost()}, Counter()
    for turn in range((SMALL_ROUNDS if options.small else ROUNDS) + 1):
        for way, send, size in [
            ("batches", send_in_batches, batches * LEARNERS_OF_A_BATCH),
            ("one by one", send_one_by_one, LEARNERS_ONE_BY_ONE),
        ]:
            shares = [
                {f"{way} {turn} {n} {m}": story(f"{options.seed} {turn} {n} {m}", until) for m in range(size)}
                for n in range(CLIENTS)
            ]
            for share in shares:  # single posts need learners who exist
                check_ins = [{"type": "check_in", "client_event_id": str(uuid.uuid4())} for _ in share]
                Client(port, token).send_batch(
                    [of_learner(name, event) | event for name, event in zip(share, check_ins, strict=True)]
                )
            began, worked = time.perf_counter(), processor_seconds(roots)
            with ThreadPoolExecutor(CLIENTS) as clients:
                found = sum(clients.map(send, [Client(port, token) for _ in shares], shares), Counter())
            if turn:  # the first one warms up
                costs[way].events += CLIENTS * size * EVENTS_OF_A_LEARNER
                costs[way].seconds += time.perf_counter() - began
                costs[way].processor_seconds += processor_seconds(roots) - worked
            counts += found
    return costs, counts


def processor_seconds(pids: list[int]) -> float:
    """Of these processes, and of all their children, living or not."""
    total = 0.0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
            total += processor_seconds(children_of(pid))
    return total


def server_process(database_url: str) -> int:
    """The first process of PostgreSQL, on this machine."""
    with psycopg.connect(database_url) as connection:
        return int(Path(f"/proc/{connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()[1])


def measure_throughput(variables: dict[str, str], token: str, options) -> dict:
    with web_server(variables, workers=2) as server:
        roots = [server.server.pid, server_process(variables["DATABASE_URL"])]
        costs, counts = throughput(server, roots, token, options)
    totals = totals_by_name(variables)
    # The same events in the same order, except for the check-ins, which pay nothing.
    singles = [name for name in totals if name.startswith("one by one")]
    differing = [name for name in singles if totals[name] != totals[name.replace("one by one", "batches")]]
    per_second = {way: cost.events / cost.seconds for way, cost in costs.items()}
    per_work = {way: cost.events / cost.processor_seconds for way, cost in costs.items()}
    ratio = per_work["batches"] / per_work["one by one"]
    return {
        "name": "M1 events per second of processor time in batches of 1 000 of 100 learners / one by one",
        "seed": options.seed,
        "figure": round(ratio, 1),
        "target": f">= {TARGET}",
        "pass": ratio >= TARGET and not differing and set(counts) == {"created"},
        "events_per_processor_second": {way: round(rate) for way, rate in per_work.items()},
        "events_per_second": {way: round(rate) for way, rate in per_second.items()},
        "ratio_by_the_clock": round(per_second["batches"] / per_second["one by one"], 1),
        "results": counts,
        "learners_with_other_totals": len(differing),
    }


def totals_by_name(variables: dict[str, str]) -> dict[str, int]:
    query = """
        SELECT external_id, total_xp FROM accounts_user JOIN gamification_learnerprofile ON user_id = id
        WHERE external_id IS NOT NULL
    """
    with psycopg.connect(variables["DATABASE_URL"]) as connection:
        return dict(connection.execute(query).fetchall())


# --- M2


def mixed_events(options, learners: int) -> tuple[list[dict], set[str]]:
    """Events in the order in which they are sent, and the ids of those that must be recorded."""
    rng, now = random.Random(options.seed), datetime.now(UTC)
    events = []
    for number in range(learners * EVENTS_OF_A_LEARNER):
        moment = now - timedelta(seconds=rng.randint(0, 20 * 86_400))
        event = of_learner(f"player-{number % learners}", completion(rng, OPEN_LEVEL, moment))
        if rng.random() < BAD:
            event |= rng.choice(BAD_FIELDS)
            event["bad"] = True
        events.append(event)
    good = {event["client_event_id"] for event in events if not event.pop("bad", False)}
    new = [event for event in events if event["client_event_id"] in good]
    rng.shuffle(events)
    repeats = rng.sample(new, round(len(events) * SENT_TWICE / (1 - SENT_TWICE)))
    mixed = [*events, *repeats]
    rng.shuffle(mixed)
    return mixed, good


def report(port: int, token: str, batches: list[list[dict]], answers: multiprocessing.Queue) -> None:
    """In a process of its own: send each batch until it is answered; put (id, status) of all events and the tries."""
    told, tries = [], 0
    for batch in batches:
        while True:
            tries += 1
            with contextlib.suppress(OSError, HTTPException, ValueError):
                told += [(result["client_event_id"], result["status"]) for result in send_anew(port, token, batch)]
                break
            time.sleep(0.2)
    answers.put((told, tries))


def send_anew(port: int, token: str, batch: list[dict]) -> list[dict]:
    client = Client(port, token)
    with contextlib.closing(client.connection):
        return client.send_batch(batch)


def send_and_kill(server: WebServer, token: str, events: list[dict]) -> tuple[list[tuple[str, str]], int, int]:
    batches = [events[first : first + BATCH] for first in range(0, len(events), BATCH)]
    answers: multiprocessing.Queue = multiprocessing.Queue()
    processes = [
        multiprocessing.Process(target=report, args=(server.port, token, batches[n::CLIENTS], answers))
        for n in range(CLIENTS)
    ]
    for process in processes:
        process.start()
    kills = 0
    while kills < KILLS and any(process.is_alive() for process in processes):
        time.sleep(1)
        server.kill_workers()
        kills += 1
    told = [answers.get(timeout=600) for _ in processes]
    for process in processes:
        process.join()
    return [pair for pairs, _ in told for pair in pairs], sum(tries for _, tries in told), kills


def survive_kills(variables: dict[str, str], token: str, options) -> dict:
    events, good = mixed_events(options, 200 if options.small else 1_000)
    with web_server(variables, workers=2) as server:
        told, tries, kills = send_and_kill(server, token, events)
    report = product.ledger_report(variables)
    stored = {event.lower() for event in report["events"]}
    taken = {event for event, status in told if status in {"created", "replayed", "held"}}
    figure = {
        "lost": len(good - stored),
        "acknowledged_lost": len(taken - stored),
        "bad_recorded": len({event["client_event_id"] for event in events} - good & stored - good),
        "paid_twice": paid_twice(variables),
        "ledger_mismatches": report["mismatches"],
    }
    target = dict.fromkeys(figure, 0)
    return {
        "name": "M2 events of many learners while web workers are killed",
        "seed": options.seed,
        "figure": figure,
        "target": target,
        "pass": figure == target and kills > 0,
        "events": len(events),
        "good": len(good),
        "results": Counter(status for _, status in told),
        "calls": tries,
        "kills": kills,
    }


def paid_twice(variables: dict[str, str]) -> int:
    """References that more than one ledger entry has paid."""
    query = """
        SELECT COUNT(*) FROM (
            SELECT 1 FROM xp_history WHERE reversal_of_id IS NULL
            GROUP BY learner_id, reference_type, reference_id HAVING COUNT(*) > 1
        ) AS twice
    """
    with psycopg.connect(variables["DATABASE_URL"]) as connection:
        return connection.execute(query).fetchone()[0]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.machine_events", description=__doc__.split("\n")[0])
    parser.add_argument("--small", action="store_true", help="one round; 2 000 events of 200 learners")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["M1", "M2"])
    options = parser.parse_args()
    passed = True
    for name, measure in {"M1": measure_throughput, "M2": survive_kills}.items():
        if options.only in {None, name}:
            with product.postgresql_database(os.environ["TEST_DATABASE_URL"]) as database_url:
                variables = product.environment(database_url)
                product.manage(variables, "migrate", "--verbosity", "0")
                product.manage(variables, "load_catalogue")
                line = measure(variables, make_key(variables), options)
            print(json.dumps(line), flush=True)
            passed &= line["pass"]
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())

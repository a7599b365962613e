"""Many invented results at once, the same ones again, and results out of order."""

from datetime import datetime, timedelta
from itertools import cycle, islice

from .world import DAY, HOUR, MINUTE, NOW, Cheat, World, event, strategy


def invented(world: World, number: int, *, first: datetime, last: datetime, **changes) -> list[dict]:
    """Perfect results of all levels in order, and again, evenly over a span of time."""
    step = (last - first) / max(1, number - 1)
    levels = islice(cycle(world.path), number)
    return [event(level, first + step * index, **changes) for index, level in enumerate(levels)]


@strategy()
def five_hundred_invented_results_of_a_new_account(world: World) -> list[Cheat]:
    cheat = world.sign_up()
    cheat.sync(invented(world, 500, first=NOW - 30 * DAY + MINUTE, last=NOW))
    return [cheat]


@strategy()
def thirteen_times_five_hundred_within_a_minute(world: World) -> list[Cheat]:
    cheat = world.sign_up()
    for _ in range(13):
        cheat.sync(invented(world, 500, first=NOW - 30 * DAY + MINUTE, last=NOW, time_spent=60))
        world.move_to(NOW + timedelta(seconds=50))
    return [cheat]


@strategy(dates=31)
def five_hundred_over_thirty_days_by_an_old_account(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=30 * DAY)
    cheat.sync(invented(world, 500, first=NOW - 30 * DAY + MINUTE, last=NOW))
    return [cheat]


@strategy(dates=31)
def thirteen_times_five_hundred_over_thirty_days(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=30 * DAY)
    for _ in range(13):
        cheat.sync(invented(world, 500, first=NOW - 30 * DAY + MINUTE, last=NOW, time_spent=60))
    return [cheat]


@strategy(hours=2)
def five_hundred_results_within_this_hour(world: World) -> list[Cheat]:
    cheat = world.sign_up()
    cheat.sync(invented(world, 500, first=NOW - HOUR, last=NOW))
    return [cheat]


@strategy(hours=1)
def five_hundred_single_calls_at_one_moment(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=HOUR)
    for level in islice(cycle(world.path), 500):
        cheat.complete(level, time_spent=60)
    return [cheat]


@strategy()
def one_mode_five_hundred_times(world: World) -> list[Cheat]:
    cheat, [mode] = world.sign_up(), world.levels_of("mode")
    cheat.sync([event(mode, NOW - number * MINUTE, time_spent=50) for number in range(500)])
    return [cheat]


@strategy(dates=2)
def one_mode_in_single_calls_of_different_length(world: World) -> list[Cheat]:
    cheat, [mode] = world.sign_up(age=DAY), world.levels_of("mode")
    for number in range(120):
        cheat.complete(mode, NOW - number * 10 * MINUTE, time_spent=60 + number)
    return [cheat]


@strategy()
def one_mode_in_sessions_and_completions_and_batches(world: World) -> list[Cheat]:
    """Each way of reporting could have a count of its own."""
    cheat, [mode] = world.sign_up(age=HOUR), world.levels_of("mode")
    for _ in range(15):
        session = cheat.start(mode)
        world.move_to(NOW + MINUTE)
        cheat.end(session, 100)
        cheat.complete(mode, time_spent=61)
        cheat.sync([event(mode, NOW, time_spent=62)])
        world.move_to(NOW + 2 * MINUTE)
    return [cheat]


@strategy()
def one_level_by_its_number_its_name_and_its_id(world: World) -> list[Cheat]:
    cheat, level = world.sign_up(), world.by_id["level-1"]
    for name in (level.level_id, level.number, str(level.number)):
        cheat.sync([event(level, NOW, level_id=name, time_spent=seconds) for seconds in range(50, 90)])
    for seconds in range(20):
        session = cheat.post("sessions/start", session_name=level.name)["session_id"]
        world.move_to(NOW + timedelta(seconds=50 * (seconds + 1)))
        cheat.end(session, 1000)
    return [cheat]


@strategy()
def the_same_result_under_five_hundred_ids(world: World) -> list[Cheat]:
    cheat = world.sign_up()
    cheat.sync([event(world.by_id["level-1"], NOW) for _ in range(500)])
    return [cheat]


@strategy()
def the_same_ids_in_batch_after_batch(world: World) -> list[Cheat]:
    cheat, events = world.sign_up(), invented(world, 200, first=NOW - DAY, last=NOW)
    for _ in range(5):
        cheat.sync(events)
    return [cheat]


@strategy()
def better_and_better_scores_of_one_level(world: World) -> list[Cheat]:
    cheat, level = world.sign_up(), world.by_id["level-1"]
    cheat.sync([event(level, NOW - (100 - score) * MINUTE, score=score * 10, time_spent=60) for score in range(101)])
    return [cheat]


@strategy()
def levels_in_reverse_order_within_one_batch(world: World) -> list[Cheat]:
    """Each may open the one before it."""
    cheat, levels = world.sign_up(), world.path[::-1]
    cheat.sync([event(level, NOW - 20 * DAY + number * HOUR) for number, level in enumerate(levels)])
    return [cheat]


@strategy()
def a_path_whose_first_level_is_too_fast(world: World) -> list[Cheat]:
    """What is possible only through a held result must be held too."""
    cheat, [first, second] = world.sign_up(), world.slow_levels[:2]
    second.prerequisites.set([first])
    cheat.sync([event(first, NOW, time_spent=1), event(second, NOW)])
    cheat.complete(second)
    return [cheat]


@strategy()
def a_hundred_attempts_at_one_challenge(world: World) -> list[Cheat]:
    cheat, [challenge, *_] = world.sign_up(), world.levels_of("challenge")
    for score in range(100):
        cheat.attempt(challenge, score + 1)
        world.move_to(NOW + score * timedelta(seconds=11))
    return [cheat]


@strategy()
def every_challenge_attempted_at_once(world: World) -> list[Cheat]:
    cheat = world.sign_up()
    for challenge in world.levels_of("challenge") * 10:
        cheat.attempt(challenge, 100)
        world.clock.shift(timedelta(seconds=6))
    return [cheat]


@strategy(hours=1)
def all_training_with_all_answers_right_at_once(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=MINUTE)
    for level in world.levels_of("training"):
        cheat.train(level, time_spent_seconds=1)
    return [cheat]


@strategy(hours=1)
def training_sent_again_with_other_times(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=MINUTE)
    for level in world.levels_of("training")[:5]:
        for seconds in range(40):
            cheat.train(level, time_spent_seconds=seconds)
    return [cheat]


@strategy()
def two_accounts_of_one_person(world: World) -> list[Cheat]:
    cheats = [world.sign_up(), world.sign_up()]
    for cheat in cheats:
        cheat.sync(invented(world, 500, first=NOW - 30 * DAY + MINUTE, last=NOW, time_spent=600))
    return cheats

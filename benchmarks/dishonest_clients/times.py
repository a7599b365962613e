"""Times that are left out, split, shifted, or of sessions side by side."""

from datetime import timedelta

from .floods import invented
from .world import DAY, HOUR, MINUTE, NOW, SLOW_SECONDS, Cheat, World, event, strategy


@strategy()
def no_result_has_a_time(world: World) -> list[Cheat]:
    cheat = world.sign_up()
    cheat.sync(invented(world, 500, first=NOW - 30 * DAY + MINUTE, last=NOW, time_spent=None))
    return [cheat]


@strategy()
def every_time_is_zero(world: World) -> list[Cheat]:
    cheat = world.sign_up()
    cheat.sync(invented(world, 500, first=NOW - 30 * DAY + MINUTE, last=NOW, time_spent=0))
    return [cheat]


@strategy(hours=2)
def levels_with_a_least_time_without_a_time(world: World) -> list[Cheat]:
    cheat = world.sign_up()
    cheat.sync([event(level, NOW, time_spent=None) for level in world.slow_levels])
    cheat.sync([event(level, NOW, time_spent=0) for level in world.slow_levels])
    return [cheat]


@strategy(hours=2)
def levels_with_a_least_time_all_within_one_hour(world: World) -> list[Cheat]:
    cheat = world.sign_up()
    cheat.sync([event(level, NOW, time_spent=SLOW_SECONDS) for level in world.slow_levels])
    return [cheat]


@strategy(hours=2)
def levels_with_a_least_time_split_into_two_hours(world: World) -> list[Cheat]:
    """Half of each time lies before the full hour."""
    cheat, middle = world.sign_up(), NOW - HOUR + timedelta(seconds=SLOW_SECONDS / 2)
    cheat.sync([event(level, middle, time_spent=SLOW_SECONDS) for level in world.slow_levels])
    return [cheat]


@strategy(hours=3)
def levels_with_a_least_time_from_seven_devices(world: World) -> list[Cheat]:
    """Batches that overlap in time, one after the other."""
    cheat = world.sign_up(age=3 * HOUR)
    for number, level in enumerate(world.slow_levels):
        cheat.sync([event(level, NOW - (number % 7) * MINUTE, time_spent=SLOW_SECONDS)])
    return [cheat]


@strategy(hours=3)
def sixty_sessions_side_by_side(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=HOUR)
    sessions = [(level, cheat.start(level)) for level in world.slow_levels]
    world.move_to(NOW + 2 * HOUR)
    for level, session in sessions:
        cheat.end(session, level.max_score)
    return [cheat]


@strategy(dates=2, hours=25)
def sessions_left_open_for_a_day(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=HOUR)
    sessions = [(level, cheat.start(level)) for level in world.slow_levels[:30]]
    for hour in range(24):
        world.move_to(NOW + (hour + 1) * HOUR - MINUTE)
        level, session = sessions[hour]
        cheat.end(session, level.max_score)
    return [cheat]


@strategy(hours=2)
def sessions_ended_by_a_batch_that_claims_their_time(world: World) -> list[Cheat]:
    """Started five minutes ago, and played for ten minutes."""
    cheat = world.sign_up(age=HOUR)
    sessions = [(level, cheat.start(level)) for level in world.slow_levels]
    world.move_to(NOW + timedelta(seconds=SLOW_SECONDS / 2 + 1))
    cheat.sync(
        [
            event(level, type="session", level_id=None, session_id=session, time_spent=SLOW_SECONDS)
            for level, session in sessions
        ]
    )
    return [cheat]


@strategy(hours=3)
def offline_sessions_that_overlap(world: World) -> list[Cheat]:
    cheat, began = world.sign_up(age=3 * HOUR), (NOW - 2 * HOUR).isoformat()
    cheat.sync([event(level, type="session", start_time=began, time_spent=SLOW_SECONDS) for level in world.slow_levels])
    return [cheat]


@strategy(hours=2)
def times_of_one_second_for_long_levels(world: World) -> list[Cheat]:
    cheat, levels = world.sign_up(), [level for level in world.path if level.expected_time_seconds]
    cheat.sync([event(level, NOW, time_spent=1) for level in levels])
    return [cheat]


@strategy(hours=2)
def sessions_ended_as_soon_as_they_start(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=HOUR)
    for level in world.path:
        if level.expected_time_seconds:
            cheat.end(cheat.start(level), level.max_score)
    return [cheat]


@strategy(hours=2)
def results_five_minutes_ahead(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=MINUTE)
    cheat.sync([event(level, NOW + 4 * MINUTE, time_spent=SLOW_SECONDS) for level in world.slow_levels])
    return [cheat]


@strategy()
def a_false_sending_time_that_moves_results_to_other_days(world: World) -> list[Cheat]:
    """The account is new: whatever the clock claims, all of it counts on its first date."""
    cheat = world.sign_up()
    for days in range(-20, 21, 4):
        at = NOW + days * DAY
        events = [event(level, at - MINUTE, time_spent=60) for level in world.rich_levels]
        cheat.sync(events, sent_at=at.isoformat())
        for more in (5, 10, -5):
            cheat.sync(events, sent_at=(at + more * DAY).isoformat())
    return [cheat]


@strategy(dates=31)
def a_false_sending_time_of_an_old_account(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=30 * DAY)
    for days in range(-40, 41, 5):
        events = [event(level, NOW - 15 * DAY, time_spent=60) for level in world.path]
        cheat.sync(events, sent_at=(NOW + days * DAY).isoformat())
    return [cheat]

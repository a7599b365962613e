"""Days: streaks, midnight, time zones, freezes, the XP of a day."""

from datetime import timedelta

from .floods import invented
from .world import DAY, HOUR, MINUTE, NOW, Cheat, World, event, strategy

MIDNIGHT = NOW.replace(hour=0)


@strategy()
def thirty_days_before_the_account(world: World) -> list[Cheat]:
    cheat, [mode] = world.sign_up(), world.levels_of("mode")
    cheat.sync([event(mode, NOW - day * DAY + MINUTE, time_spent=60) for day in range(30, 0, -1)])
    return [cheat]


@strategy(dates=2)
def days_before_the_account_and_the_day_after(world: World) -> list[Cheat]:
    cheat = world.sign_up()
    cheat.sync(invented(world, 300, first=NOW - 29 * DAY, last=NOW, time_spent=60))
    world.move_to(NOW + DAY)
    cheat.sync(invented(world, 300, first=NOW - 28 * DAY, last=NOW + DAY, time_spent=61))
    return [cheat]


@strategy(dates=31)
def a_streak_of_past_days_in_one_batch(world: World) -> list[Cheat]:
    cheat, [mode] = world.sign_up(age=30 * DAY), world.levels_of("mode")
    cheat.sync([event(mode, NOW - day * DAY + HOUR, time_spent=60) for day in range(30, 0, -1)])
    return [cheat]


@strategy(dates=2)
def both_sides_of_midnight(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=14 * HOUR)
    for side in (MIDNIGHT - MINUTE, MIDNIGHT + MINUTE):
        cheat.sync([event(level, side, time_spent=60) for level in world.path])
        cheat.sync([event(level, side, time_spent=61) for level in world.path])
    return [cheat]


@strategy(dates=2)
def both_sides_of_the_midnight_of_jakarta(world: World) -> list[Cheat]:
    cheat, midnight = world.sign_up(age=20 * HOUR, zone="Asia/Jakarta"), MIDNIGHT - 7 * HOUR
    for side in (midnight - MINUTE, midnight + MINUTE, MIDNIGHT - MINUTE, MIDNIGHT + MINUTE):
        cheat.sync([event(level, side, time_spent=60) for level in world.path])
    return [cheat]


@strategy(dates=12)
def a_new_time_zone_every_day(world: World) -> list[Cheat]:
    """From the last zone to the first one and back, with results just before and after each change."""
    cheat, [mode] = world.sign_up(age=10 * DAY), world.levels_of("mode")
    for day in range(10):
        at = NOW - (10 - day) * DAY + 2 * MINUTE
        world.move_to(at)
        for moment in (at - MINUTE, at):
            cheat.sync([event(level, moment, time_spent=60) for level in [mode, *world.rich_levels]])
        cheat.set_zone(["Pacific/Kiritimati", "Pacific/Pago_Pago"][day % 2])
        cheat.sync([event(mode, at, time_spent=70 + number) for number in range(20)])
    return [cheat]


@strategy()
def more_xp_than_a_day_has(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=12 * HOUR)
    cheat.sync([event(level, NOW - number * 10 * MINUTE, time_spent=300) for number, level in enumerate(world.path)])
    for number, level in enumerate(world.rich_levels):
        cheat.sync([event(level, NOW - number * 20 * MINUTE, time_spent=600)])
    return [cheat]


@strategy(dates=31)
def the_most_of_every_day(world: World) -> list[Cheat]:
    """One rich level each day, then all others."""
    cheat = world.sign_up(age=30 * DAY)
    for day in range(30):
        at = NOW - (29 - day) * DAY
        world.move_to(at)
        cheat.sync([event(world.rich_levels[day % 20], at, time_spent=600)])
        cheat.sync(invented(world, 250, first=at - 11 * HOUR, last=at, time_spent=60 + day))
    return [cheat]


@strategy(dates=30)
def check_ins_only(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=30 * DAY)
    for day in range(30):
        world.move_to(NOW - (29 - day) * DAY)
        for _ in range(3):
            cheat.post("gamification/streaks/update")
    return [cheat]


@strategy(dates=30)
def freezes_instead_of_days(world: World) -> list[Cheat]:
    """A freeze on each day of which only the first has an activity, and results late for the frozen days."""
    cheat, [mode] = world.sign_up(age=30 * DAY), world.levels_of("mode")
    for day in range(30):
        world.move_to(NOW - (29 - day) * DAY)
        if day % 4 == 0:
            cheat.post("gamification/streaks/update")
        cheat.post("gamification/streaks/freeze")
    cheat.sync([event(mode, NOW - day * DAY, time_spent=60) for day in range(0, 29, 2)])
    return [cheat]


@strategy(dates=2)
def check_ins_at_both_ends_of_the_world(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=HOUR)
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC", "Asia/Tokyo"):
        cheat.set_zone(zone)
        cheat.post("gamification/streaks/update")
        world.clock.shift(timedelta(minutes=1))
    return [cheat]

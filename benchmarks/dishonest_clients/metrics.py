"""Metrics and the achievements that they lead to: words, conversations, languages, study time."""

from datetime import timedelta

from .world import DAY, EVERYTHING, HOUR, MINUTE, NOW, Cheat, World, event, strategy


@strategy()
def the_most_words_and_conversations_in_every_result(world: World) -> list[Cheat]:
    cheat, [mode] = world.sign_up(), world.levels_of("mode")
    cheat.sync([event(mode, NOW - number * 5 * MINUTE, time_spent=60) for number in range(200)])
    return [cheat]


@strategy()
def words_of_failed_attempts(world: World) -> list[Cheat]:
    cheat, challenges = world.sign_up(), world.levels_of("challenge")
    for number in range(60):
        cheat.attempt(challenges[number % 7], number % 70)
        world.clock.shift(timedelta(seconds=11))
    return [cheat]


@strategy()
def words_of_failed_results_in_a_batch(world: World) -> list[Cheat]:
    cheat, challenges = world.sign_up(), world.levels_of("challenge")
    cheat.sync([event(challenges[number % 7], NOW - number * MINUTE, score=0) for number in range(500)])
    return [cheat]


@strategy()
def words_of_held_results(world: World) -> list[Cheat]:
    cheat = world.sign_up()
    cheat.sync([event(level, NOW, time_spent=1) for level in world.slow_levels])
    return [cheat]


@strategy()
def a_language_for_every_result(world: World) -> list[Cheat]:
    cheat, [mode] = world.sign_up(), world.levels_of("mode")
    codes = [first + second for first in "abcdefghij" for second in "abcdefghij"]
    cheat.sync([event(mode, NOW, time_spent=60, metadata=EVERYTHING | {"language": code}) for code in codes])
    return [cheat]


@strategy(hours=2)
def a_day_of_study_in_every_result(world: World) -> list[Cheat]:
    cheat = world.sign_up(age=HOUR)
    cheat.sync([event(level, NOW, time_spent=86_400) for level in world.path * 2])
    return [cheat]


@strategy(dates=31)
def a_hundred_hours_of_study_in_a_month(world: World) -> list[Cheat]:
    cheat, [mode] = world.sign_up(age=30 * DAY), world.levels_of("mode")
    cheat.sync([event(mode, NOW - number * 2 * HOUR, time_spent=86_400) for number in range(350)])
    return [cheat]


@strategy()
def perfect_scores_before_eight_and_after_ten(world: World) -> list[Cheat]:
    cheat, [mode] = world.sign_up(), world.levels_of("mode")
    early, late = NOW.replace(hour=7), NOW.replace(hour=22) - DAY
    cheat.sync([event(mode, moment + n * MINUTE, time_spent=50) for moment in (early, late) for n in range(30)])
    return [cheat]


@strategy()
def every_achievement_at_once(world: World) -> list[Cheat]:
    cheat = world.sign_up()
    languages = ["id", "en", "de", "fr"]
    events = [
        event(level, NOW - number * HOUR, metadata=EVERYTHING | {"language": languages[number % 4]})
        for number, level in enumerate(world.path)
    ]
    cheat.sync(events)
    cheat.post("gamification/streaks/update")
    return [cheat]


@strategy(hours=2)
def training_and_modes_for_the_number_of_completions(world: World) -> list[Cheat]:
    cheat, [mode] = world.sign_up(age=HOUR), world.levels_of("mode")
    for number in range(300):
        cheat.complete(mode, NOW - timedelta(seconds=number), time_spent=45)
    for level in world.levels_of("training"):
        cheat.train(level)
    return [cheat]

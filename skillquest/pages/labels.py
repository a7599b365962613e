"""The texts that pages show for stored values: factors, reasons, titles, rules."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from gamification.explanations import FACTOR_WORDS

REASONS = {
    "session_completion": (later("Level played"), "bi-controller"),
    "level_completion": (later("Level completed"), "bi-check2-circle"),
    "attempt_passed": (later("Challenge passed"), "bi-award"),
    "training_progress": (later("Training step"), "bi-signpost"),
    "metric": (later("Progress counted"), "bi-bar-chart"),
    "review": (later("Practice"), "bi-arrow-repeat"),
    "streak_bonus": (later("Streak bonus"), "bi-fire"),
    "achievement": (later("Achievement"), "bi-trophy"),
    "manual_adjustment": (later("Adjusted by our staff"), "bi-pencil"),
    "reversal": (later("Taken back"), "bi-arrow-counterclockwise"),
    "recalculation": (later("Recalculated under new rules"), "bi-calculator"),
    "import": (later("Imported from another system"), "bi-box-arrow-in-down"),
    "carried_forward": (later("Carried forward from the archive"), "bi-archive"),
}

TITLES = {
    "Novice": later("Novice"),
    "Apprentice": later("Apprentice"),
    "Adept": later("Adept"),
    "Expert": later("Expert"),
    "Master": later("Master"),
    "Grandmaster": later("Grandmaster"),
    "Legend": later("Legend"),
    "Mythic": later("Mythic"),
}

KINDS = {
    "simulation": later("Simulation"),
    "challenge": later("Challenge"),
    "training": later("Training"),
    "scenario": later("Scenario"),
    "mode": later("Mode"),
}

LEVEL_GROUPS = {
    "simulation": (later("Simulations"), later("Longer adventures. Your score decides how much XP you take home.")),
    "challenge": (later("Challenges"), later("Reach the pass mark and the XP is yours.")),
    "scenario": (later("Scenarios"), later("Situations to work through.")),
    "training": (later("Training"), later("Short steps, one after the other.")),
    "mode": (later("Modes"), later("Play them again and again; every round pays.")),
}

DIFFICULTIES = {
    "very_easy": later("Very easy"),
    "easy": later("Easy"),
    "normal": later("Normal"),
    "hard": later("Hard"),
    "expert": later("Expert"),
}

STATES = {
    "completed": (later("Passed"), "bi-check-lg"),
    "unlocked": (later("Open"), "bi-unlock"),
    "locked": (later("Locked"), "bi-lock"),
    "coming_soon": (later("Coming soon"), "bi-hourglass-split"),
}

PATH_STATES = STATES | {"mastered": (later("Mastered"), "bi-star-fill")}

RARITIES = {
    "common": (later("Common"), "bi-circle"),
    "rare": (later("Rare"), "bi-hexagon"),
    "epic": (later("Epic"), "bi-star"),
    "legendary": (later("Legendary"), "bi-sun"),
}

ACHIEVEMENT_CATEGORIES = {
    "milestones": (later("Milestones"), later("The big moments on the way.")),
    "scenarios": (later("Levels"), later("Every level that you finish counts, once.")),
    "study_time": (later("Time spent learning"), later("Hours add up quietly.")),
    "streaks": (later("Streaks"), later("Day after day after day.")),
    "vocabulary": (later("Words"), later("Words that you have learned.")),
    "conversations": (later("Conversations"), later("You learn by talking.")),
    "perfection": (later("Perfection"), later("Full marks, nothing less.")),
    "engagement": (later("Early and late"), later("For those who play at odd hours.")),
    "special": (later("Special"), later("Something else altogether.")),
}

HELD = {
    "unlocked": later("Unlocked"),
    "locked": later("Still to come"),
}

BOARDS = {
    "xp_all_time": (later("All XP"), "bi-stars", later("Everything ever earned.")),
    "xp_weekly": (later("This week"), "bi-lightning-charge", later("XP of the last 7 days.")),
    "xp_monthly": (later("This month"), "bi-moon", later("XP of the last 30 days.")),
    "streak_current": (later("Streaks"), "bi-fire", later("Streaks that are alive today.")),
    "streak_longest": (
        later("Longest streaks"),
        "bi-calendar-check",
        later("The longest streak of each learner."),
    ),
    "levels_completed": (later("Levels"), "bi-flag", later("Different levels completed.")),
    "achievements_unlocked": (later("Achievements"), "bi-trophy", later("Achievements unlocked.")),
}

UNRANKED = {
    "xp_all_time": later("Score once and you are on: any XP puts you on this board."),
    "xp_weekly": later("Any XP of the last 7 days puts you on this board. It is updated every 15 minutes."),
    "xp_monthly": later("Any XP of the last 30 days puts you on this board. It is updated every 15 minutes."),
    "streak_current": later("Be active today and you are on: a streak of one day is a streak."),
    "streak_longest": later("Be active on one day and you are on."),
    "levels_completed": later("Complete one level and you are on."),
    "achievements_unlocked": later("Unlock one achievement and you are on; the first is easy."),
}

DAYS = {
    "active": (later("Active"), "bi-check"),
    "frozen": (later("Frozen"), "bi-snow"),
    "pardoned": (later("Pardoned: it does not count as missed"), "bi-umbrella"),
    "skipped": (later("Skipped by a change of time zone"), "bi-airplane"),
    "missed": (later("Missed"), "bi-x"),
    "none": (later("Nothing yet"), "bi-dot"),
}

# Why today cannot be frozen.
FREEZE_REFUSALS = {
    "active_already": later("You have been active today: there is nothing to protect."),
    "protected_already": later("Today is protected already."),
    "nothing_to_protect": later("There is no streak to protect yet."),
    "none_left": later("You have no freezes left. Every 7th day of a streak earns one."),
    "not_enough": later("You have missed more days than you have freezes for."),
}

# Why a request was refused, by error code.
REFUSALS = {
    "time_zone_change_too_soon": later(
        "You changed your time zone less than 24 hours ago. Your days would no longer add up; try again tomorrow."
    ),
}

# What an activity did to the streak; {0} is the current length in days.
STREAK_ACTIONS = {
    "started": later("Your streak has begun: this is day 1."),
    "increased": later("Day {0} of your streak!"),
    "maintained": later("Your streak stands at day {0}."),
    "frozen": later("Your freezes held the streak together: day {0}."),
    "broken": later("A new streak has begun: this is day 1."),
}

RULES = {
    "formula": later(
        "The higher your score, the more XP; a harder level multiplies it. A quick finish and a finish without hints "
        "each pay a bonus."
    ),
    "proportional": later("When you pass, you get XP in proportion to your score; the highest score gets all of it."),
    "fixed": later("You get all the XP when you pass."),
    "scenario": later("The harder and longer the level, the more XP; a perfect score pays 50 % more."),
}

REPEATS = {
    "improvement": later("Play again as often as you like: when you do better, you are paid the difference."),
    "full": later("Every round pays in full."),
    "none": later("It pays once; playing again is for the fun of it."),
}


def factor_label(factor: str) -> str:
    return FACTOR_WORDS.get(factor, factor.replace("_", " "))


def difficulty_factor_label(difficulty: str, multiplier: str) -> str:
    return _("× %(multiplier)s for the difficulty: %(difficulty)s") % {  # noqa: RUF001 - xgettext reads no escapes
        "multiplier": multiplier,
        "difficulty": DIFFICULTIES[difficulty],
    }


def achievement_category(category: str) -> tuple[str, str]:
    return ACHIEVEMENT_CATEGORIES.get(category, (category.replace("_", " ").capitalize(), ""))


def repeat_label(rule: str, policy: str) -> str:
    # There is no doing better where all who pass get the same.
    return REPEATS["none" if (rule, policy) == ("fixed", "improvement") else policy]

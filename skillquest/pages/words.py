"""What the machine's words are called on a page: factors, reasons, titles, rules. The one place that knows."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

FACTORS = {
    "base": later("for finishing"),
    "score": later("for your score"),
    "difficulty": later("for the difficulty"),
    "speed_bonus": later("bonus for a quick finish"),
    "no_hints_bonus": later("bonus for using no hints"),
    "length": later("for the length of the scenario"),
    "perfect": later("bonus for a perfect score"),
    "already_paid": later("this level had paid you before"),
    "daily_cap": later("above the most that one day pays"),
}

REASONS = {
    "session_completion": (later("Level played"), "bi-controller"),
    "level_completion": (later("Level completed"), "bi-check2-circle"),
    "attempt_passed": (later("Challenge passed"), "bi-award"),
    "training_progress": (later("Training step"), "bi-signpost"),
    "streak_bonus": (later("Streak bonus"), "bi-fire"),
    "achievement": (later("Achievement"), "bi-trophy"),
    "manual_adjustment": (later("Adjusted by our staff"), "bi-pencil"),
    "reversal": (later("Taken back"), "bi-arrow-counterclockwise"),
    "recalculation": (later("Counted anew under new rules"), "bi-calculator"),
    "import": (later("Brought along from elsewhere"), "bi-box-arrow-in-down"),
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

SHELVES = {
    "simulation": (later("Simulations"), later("Longer adventures. Your score decides how much XP you take home.")),
    "challenge": (later("Challenges"), later("Pass the mark and the XP is yours.")),
    "scenario": (later("Scenarios"), later("Situations to live through.")),
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

STATUSES = {
    "completed": (later("Completed"), "bi-check-lg"),
    "unlocked": (later("Open"), "bi-unlock"),
    "locked": (later("Locked"), "bi-lock"),
    "coming_soon": (later("Coming soon"), "bi-hourglass-split"),
}

RULES = {
    "formula": later(
        "The higher your score, the more XP; a harder level multiplies it. A quick finish and a finish without hints "
        "each pay a bonus."
    ),
    "proportional": later("You get the share of the XP that your score is of the highest score, once you pass."),
    "fixed": later("You get all the XP when you pass."),
    "scenario": later("XP grows with difficulty and length; a perfect score pays half as much again."),
}

REPEATS = {
    "improvement": later("Play again as often as you like: when you do better, you are paid the difference."),
    "full": later("Every round pays in full."),
    "none": later("It pays once; playing again is for the fun of it."),
}


def factor_words(factor: str) -> str:
    return FACTORS.get(factor, factor.replace("_", " "))


def difficulty_factor_words(difficulty: str, multiplier: str) -> str:
    return _("\u00d7 %(multiplier)s for the difficulty: %(difficulty)s") % {
        "multiplier": multiplier,
        "difficulty": DIFFICULTIES[difficulty],
    }


def repeat_words(rule: str, policy: str) -> str:
    # There is no doing better where all who pass get the same.
    return REPEATS["none" if (rule, policy) == ("fixed", "improvement") else policy]


def game_words() -> dict:
    """For the scripts of games; {0}, {1} are filled in by them."""
    return {
        "count": _("Headline {0} of {1}"),
        "right": _("Right!"),
        "wrong": _("Not quite."),
        "was_real": _("This one is trustworthy."),
        "was_fake": _("This one is fake."),
        "you_right": _("You saw it."),
        "you_wrong": _("It got past you."),
        "next": _("Next headline"),
        "finish": _("See my result"),
        "remark_sharp": _("Sharp eyes! Port Ellery can sleep well."),
        "remark_good": _("Well judged. A few got past you; look back at them below."),
        "remark_tricky": _("The maze is tricky, and now you know some of its corners. Look back, then try again."),
        "rank": _("You are level {0} now: {1}."),
        "retrying": _("The line is bad. Trying again in {0} s …"),
        "try_again": _("Nothing is lost: press the button again."),
        "refusals": {
            "signed_out": _("You have been signed out. Sign in in a new tab, then press the button here again."),
            "network_error": _("The server cannot be reached."),
            "level_locked": _("This level is locked for you at the moment."),
            "tracking_disabled": _("Playing for XP is switched off for you at the moment."),
            "session_abandoned": _(
                "This round is over: you started another one, or it stood still for too long. "
                "Load this page again to begin a new one."
            ),
        },
        "factors": {name: str(words) for name, words in FACTORS.items()},
        "titles": {name: str(words) for name, words in TITLES.items()},
    }

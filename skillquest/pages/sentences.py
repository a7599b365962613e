"""Sentences of the pages that contain numbers: streaks, scores, ranks, unlocks."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gamification.explanations import duration

from . import labels


def streak_day_text(day: int) -> str:
    return _("for day %(day)s of your streak") % {"day": day}


def streak_day_title(day: int) -> str:
    return _("Day %(day)s of your streak") % {"day": day}


def days_text(number: int) -> str:
    return ngettext("%(number)s day", "%(number)s days", number) % {"number": number}


def score_text(metric: str, score: int) -> str:
    """What a board counts: “120 XP”, “3 days”."""
    if metric.startswith("streak"):
        return days_text(score)
    if metric == "levels_completed":
        return ngettext("%(number)s level", "%(number)s levels", score) % {"number": score}
    if metric == "achievements_unlocked":
        return ngettext("%(number)s achievement", "%(number)s achievements", score) % {"number": score}
    return _("%(number)s XP") % {"number": score}


def streak_line(state: str, *, days: int, last_run: int, longest: int, missed: int, to_freeze: int | None) -> str:
    """A line that fits how the streak stands. `to_freeze`: days until the next freeze, None where there is no room."""
    match state:
        case "new":
            return _("Your first day lights the flame: complete any level, or check in.")
        case "broken":
            return ngettext(
                "The flame went out after %(run)s day. One day lights it again, and your longest streak "
                "(%(longest)s) stays on record.",
                "The flame went out after %(run)s days. One day lights it again, and your longest streak "
                "(%(longest)s) stays on record.",
                last_run,
            ) % {"run": last_run, "longest": longest}
        case "rescue":
            return ngettext(
                "You missed %(missed)s day, and you have a freeze for it. Be active today to keep your streak.",
                "You missed %(missed)s days, and you have freezes for them. Be active today to keep your streak.",
                missed,
            ) % {"missed": missed}
        case "at_risk":
            return _("Keep it burning: be active before midnight, and this becomes day %(day)s.") % {"day": days + 1}
        case "frozen":
            return _("Today is frozen, so your streak is safe. If you are active anyway, you get the freeze back.")
        case "skipped":
            return _(
                "Your change of time zone skipped most of today, so your streak is safe. Being active still counts."
            )
        case "pardoned":
            return _("Our service was down today, so the day is pardoned. Nothing is lost; being active still counts.")
    return _alive_line(days, to_freeze)


def _alive_line(days: int, to_freeze: int | None) -> str:
    if days == 1:
        return _("The flame is lit. Come back tomorrow to feed it.")
    if to_freeze is not None:
        return ngettext(
            "Today counts. One more day earns you a freeze.",
            "Today counts. %(number)s more days earn you a freeze.",
            to_freeze,
        ) % {"number": to_freeze}
    return _("Today counts, and you have as many freezes as you can hold. See you tomorrow for day %(day)s.") % {
        "day": days + 1
    }


def strip_text(counts: dict[str, int]) -> str:
    """The last 30 days in one sentence, without what there is none of."""
    parts = {
        "active": _("%(number)s active"),
        "frozen": _("%(number)s frozen"),
        "pardoned": _("%(number)s pardoned"),
        "skipped": _("%(number)s skipped"),
        "missed": _("%(number)s missed"),
    }
    shown = [part % {"number": counts[status]} for status, part in parts.items() if counts[status]]
    return _("The last 30 days: %(parts)s.") % {"parts": ", ".join(shown) or _("nothing yet")}


def chart_text(total: int, days: int, best_day: str, best: int) -> str:
    return ngettext(
        "%(total)s XP in the last 30 days, earned on %(days)s day. The best was %(best_day)s with %(best)s XP.",
        "%(total)s XP in the last 30 days, earned on %(days)s days. The best was %(best_day)s with %(best)s XP.",
        days,
    ) % {"total": total, "days": days, "best_day": best_day, "best": best}


def place_text(place: int, total: int, *, is_shared: bool) -> str:
    text = ngettext("Place %(place)s of %(total)s learner", "Place %(place)s of %(total)s learners", total)
    if is_shared:
        text = _("Place %(place)s of %(total)s learners, shared with others")
    return text % {"place": place, "total": total}


def ahead_text(rank: int) -> str:
    """Equal scores share a place, so a place says how many have more, however many share it."""
    ahead = rank - 1
    if not ahead:
        return _("Nobody is ahead of you.")
    return ngettext("%(number)s learner is ahead of you.", "%(number)s learners are ahead of you.", ahead) % {
        "number": ahead
    }


def unlocked_text(name: str, xp: int) -> str:
    if not xp:
        return _("Achievement unlocked: %(name)s") % {"name": name}
    return _("Achievement unlocked: %(name)s, +%(xp)s XP") % {"name": name, "xp": xp}


def badge_text(name: str) -> str:
    return _("New badge: %(name)s") % {"name": name}


def frozen_text(days: int) -> str:
    return _("Today is frozen; your streak of %(days)s is safe.") % {"days": days_text(days)}


def amount_text(metric: str, amount: int) -> str:
    """A number of progress; seconds are shown as a duration."""
    return time_text(amount) if metric == "study_seconds" else str(amount)


def time_text(seconds: int) -> str:
    """4500 -> “1 h 15 min”, on one line."""
    return duration(seconds).replace(" ", "\u00a0")


def streak_action_text(action: str, days: int) -> str:
    return str(labels.STREAK_ACTIONS[action]).replace("{0}", str(days))

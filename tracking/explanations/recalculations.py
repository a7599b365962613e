"""The sentence about an entry that brought old results to other rules."""

from django.utils.translation import gettext as _

from gamification.models import LedgerEntry
from levels.models import Level

Reason = LedgerEntry.Reason


def describe_recalculation(entry: LedgerEntry, level: Level | None) -> str:
    """What each level has paid is counted by an entry of its own, and so are streak bonuses and practice."""
    values = {"xp": abs(entry.delta), "version": entry.rule_set_id, "what": level.shown.name if level else ""}
    more, less = _words(entry.metadata.get("source", ""), about_a_level=level is not None)
    return (more if entry.delta > 0 else less) % values


def _words(source: str, *, about_a_level: bool) -> tuple[str, str]:
    if about_a_level:
        more = _("“%(what)s” was counted anew by version %(version)s of the rules, which added %(xp)s XP")
        return more, _("“%(what)s” was counted anew by version %(version)s of the rules, which took off %(xp)s XP")
    if source == Reason.STREAK_BONUS:
        more = _("Your streak bonuses were counted anew by version %(version)s of the rules, which added %(xp)s XP")
        less = _("Your streak bonuses were counted anew by version %(version)s of the rules, which took off %(xp)s XP")
        return more, less
    if source == Reason.REVIEW:
        more = _("Your practice was counted anew by version %(version)s of the rules, which added %(xp)s XP")
        return more, _("Your practice was counted anew by version %(version)s of the rules, which took off %(xp)s XP")
    more = _("Your XP was counted anew by version %(version)s of the rules, which added %(xp)s XP")
    return more, _("Your XP was counted anew by version %(version)s of the rules, which took off %(xp)s XP")


def level_counted_anew(entry: LedgerEntry) -> int | None:
    """The key of the level whose XP it counts anew."""
    kind, _colon, key = entry.subject.partition(":")
    is_of_level = entry.reason == Reason.RECALCULATION and kind == "level" and key.isdecimal()
    return int(key) if is_of_level else None

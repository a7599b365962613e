"""What the limits of plausibility need to know of a completion, and what learners read where it is held."""

from django.utils.translation import gettext_noop as _

from gamification.awards import Timing
from levels.models import Level
from tracking.models import Completion

PREREQUISITE_HELD = "prerequisite_held"

# In English, as answers are stored; `Completion.given_answer` translates them for whoever asks.
HELD_WORDS = {
    "too_fast": _("This result took less time than anybody needs. It counts once our staff have looked at it."),
    "time_unknown": _(
        "This result came without the time that it took, which this level needs. It counts once our staff have looked "
        "at it."
    ),
    "overlapping_time": _(
        "Your results in this hour took more time than an hour has. This one counts once our staff have looked at it."
    ),
    "too_many": _(
        "You have finished very many levels in this hour. This result counts once our staff have looked at it."
    ),
    "too_much_xp": _(
        "You have earned as much XP on this day as a day pays. This result counts once our staff have looked at it."
    ),
    PREREQUISITE_HELD: _(
        "This level needs another one, whose result our staff have yet to look at. Then they look at this one too."
    ),
}
REFUSED_WORDS = _("Our staff have looked at this result and did not accept it.")
HELD_EARLIER_WORDS = _("This result is not plausible. It counts once our staff have looked at it.")


def held_words(completion: Completion) -> str | None:
    """Why a completion is held, for its learner, in English; None if it is not."""
    if not completion.held:
        return None
    if completion.refused:
        return REFUSED_WORDS
    return HELD_WORDS.get(completion.held_reason, HELD_EARLIER_WORDS)


def timing_of(completion: Completion, rules: Level, *, measured: bool = False) -> Timing | None:
    """How long it took; `rules` is the level by whose play rules it was judged.

    Clients that do not measure the time claim 0 seconds. None for what a server key reported: no limit applies to it.
    """
    if completion.server_key:
        return None
    return Timing(
        seconds=completion.time_spent if measured else completion.time_spent or None,
        studied=completion.study_seconds,
        least=rules.metadata.get("min_seconds", 0),
        expected=rules.expected_time_seconds or 0,
        ended_at=completion.occurred_at,
    )

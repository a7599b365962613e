"""The answer to a completion. It is stored with the completion and returned unchanged on a retry."""

from gamification.api.serializers import RewardSerializer
from gamification.awards import Reward
from levels.api.serializers import LevelCardSerializer
from levels.models import Level
from tracking.models import Completion

from .limits import held_words
from .representing import compiled
from .serializers import EndedSessionSerializer

# A serializer makes its fields anew for each instance, which takes longer than serializing an object.
REWARD, CARD = RewardSerializer(), LevelCardSerializer()
represent_reward, represent_card = compiled(REWARD), compiled(CARD)
represent_session = compiled(EndedSessionSerializer())


class LevelCards:
    """How answers show levels, in the language active now. Each is made once, however many answers show it."""

    def __init__(self) -> None:
        self._made: dict[int, dict] = {}

    def of(self, level: Level) -> dict:
        if level.pk not in self._made:
            self._made[level.pk] = represent_card(level)
        return self._made[level.pk]


def level_answer(completion: Completion, earned: Reward, cards: LevelCards | None = None) -> dict:
    return {**_reward(completion, earned), "level": (cards or LevelCards()).of(completion.level)}


def session_answer(completion: Completion, earned: Reward) -> dict:
    session = completion.session
    return {
        "session_id": session.pk,
        "time_spent": session.time_spent,
        "session": represent_session(session),
        **_reward(completion, earned),
    }


def first_answer(completion: Completion, earned: Reward, cards: LevelCards | None = None) -> dict:
    """The answer to the call that recorded the completion. `cards` are shared by the answers of a batch."""
    return session_answer(completion, earned) if completion.session_id else level_answer(completion, earned, cards)


def plain_answer(earned: Reward) -> dict:
    """The answer to what is no completion, and is never held."""
    return {**represent_reward(earned), "held": False, "held_reason": None}


def as_level_answer(answer: dict, level: Level) -> dict:
    """A stored answer in the form of levels/complete, also where the end of a session recorded the completion."""
    if "level" in answer:
        return answer
    return {**reward_of(answer), "level": represent_card(level)}


def reward_of(answer: dict) -> dict:
    """What a stored answer says of the reward, whichever call it was given to."""
    return {name: answer[name] for name in [*REWARD.fields, "held", "held_reason"]}


def _reward(completion: Completion, earned: Reward) -> dict:
    held = {"held": completion.held, "held_reason": held_words(completion)}
    return {**represent_reward(earned), **held}

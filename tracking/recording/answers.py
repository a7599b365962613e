"""What the client is told of a deed. It is stored with the completion and told again on a retry, word for word."""

from gamification.api.serializers import RewardSerializer
from gamification.awards import Reward
from levels.api.serializers import LevelCardSerializer
from levels.models import Level
from tracking.models import Completion

from .serializers import EndedSessionSerializer

# A serializer makes its fields anew for each instance, which takes longer than telling an object by them.
REWARD, CARD, ENDED_SESSION = RewardSerializer(), LevelCardSerializer(), EndedSessionSerializer()


def level_answer(completion: Completion, earned: Reward) -> dict:
    return {**_reward(completion, earned), "level": CARD.to_representation(completion.level)}


def session_answer(completion: Completion, earned: Reward) -> dict:
    session = completion.session
    return {
        "session_id": session.pk,
        "time_spent": session.time_spent,
        "session": ENDED_SESSION.to_representation(session),
        **_reward(completion, earned),
    }


def first_answer(completion: Completion, earned: Reward) -> dict:
    """As the call that told the deed first is answered."""
    return session_answer(completion, earned) if completion.session_id else level_answer(completion, earned)


def as_level_answer(answer: dict, level: Level) -> dict:
    """A stored answer as levels/complete tells it, also where the deed was told by the end of a session first."""
    if "level" in answer:
        return answer
    return {**reward_of(answer), "level": CARD.to_representation(level)}


def reward_of(answer: dict) -> dict:
    """What a stored answer says of the reward, whichever call it was given to."""
    return {name: answer[name] for name in [*REWARD.fields, "held"]}


def _reward(completion: Completion, earned: Reward) -> dict:
    return {**REWARD.to_representation(earned), "held": completion.held}

"""What the client is told of a deed. It is stored with the completion and told again on a retry, word for word."""

from gamification.rewards import Reward
from gamification.serializers import RewardSerializer
from levels.models import Level
from levels.serializers import LevelCardSerializer

from .models import Completion
from .serializers import EndedSessionSerializer


def level_answer(completion: Completion, earned: Reward) -> dict:
    return {**_reward(completion, earned), "level": LevelCardSerializer(completion.level).data}


def session_answer(completion: Completion, earned: Reward) -> dict:
    session = completion.session
    return {
        "session_id": session.pk,
        "time_spent": session.time_spent,
        "session": EndedSessionSerializer(session).data,
        **_reward(completion, earned),
    }


def as_level_answer(answer: dict, level: Level) -> dict:
    """A stored answer as levels/complete tells it, also where the deed was told by the end of a session first."""
    if "level" in answer:
        return answer
    return {**reward_of(answer), "level": LevelCardSerializer(level).data}


def reward_of(answer: dict) -> dict:
    """What a stored answer says of the reward, whichever call it was given to."""
    return {name: answer[name] for name in [*RewardSerializer().fields, "held"]}


def _reward(completion: Completion, earned: Reward) -> dict:
    return {**RewardSerializer(earned).data, "held": completion.held}

"""What a deed has just brought, carried over the redirect to the page that celebrates it."""

from dataclasses import dataclass

from django.contrib import messages

from gamification.earnables.unlocking import Earned

from . import sentences


@dataclass(frozen=True)
class Cheer:
    """`kind` is streak, unlock, badge or note; only the first three are celebrated."""

    words: str
    kind: str
    rarity: str
    icon: str


def announce(request, earned: Earned) -> None:
    for achievement in earned.achievements:
        said = sentences.unlocked_words(achievement.name, achievement.xp_reward)
        messages.success(request, said, extra_tags=f"unlock {achievement.rarity} {achievement.icon}")
    for badge in earned.badges:
        messages.success(request, sentences.badge_words(badge.name), extra_tags="badge common bi-shield-check")


def take_cheers(request) -> list[Cheer]:
    """Each is shown once. The admin's own messages, which may have been left over, are notes."""
    return [Cheer(str(message), *_tags(message)) for message in messages.get_messages(request)]


def _tags(message) -> list[str]:
    tags = (message.extra_tags or "").split()
    return tags if len(tags) == 3 else ["note", "common", "bi-info-circle"]

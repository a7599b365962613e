"""What the learner has just earned, shown once on the page after the redirect."""

from dataclasses import dataclass

from django.contrib import messages

from gamification.earnables import Earned

from . import sentences
from .icons import icon_of_badge


@dataclass(frozen=True)
class Notification:
    """`kind` is streak, unlock, badge or note."""

    text: str
    kind: str
    rarity: str
    icon: str

    @property
    def is_gain(self) -> bool:
        return self.kind != "note"


def notify_unlocks(request, earned: Earned) -> None:
    for achievement in earned.achievements:
        text = sentences.unlocked_text(achievement.shown.name, achievement.xp_reward)
        messages.success(request, text, extra_tags=f"unlock {achievement.rarity} {achievement.icon}")
    for badge in earned.badges:
        messages.success(
            request, sentences.badge_text(badge.shown.name), extra_tags=f"badge common {icon_of_badge(badge.icon_url)}"
        )


def take_notifications(request) -> list[Notification]:
    """Each is shown once. Messages that the admin left over are shown as notes."""
    return [Notification(str(message), *_tags(message)) for message in messages.get_messages(request)]


def _tags(message) -> list[str]:
    tags = (message.extra_tags or "").split()
    return tags if len(tags) == 3 else ["note", "common", "bi-info-circle"]

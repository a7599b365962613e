"""What this member of staff may do to the learner, as links."""

from django.urls import reverse

from gamification.staff import REVERSE_SINCE
from tracking.models import Completion
from tracking.staff.held_results import DECIDE_HELD

from .blocks import Link
from .visits import Visit
from .xp import AWARD_XP

CHANGE_STANDING = "gamification.change_board_standing"
# (text, end of the name of its URL, permission)
PAGES = [
    ("Adjust XP", "adjust", AWARD_XP),
    ("Board standing", "standing", CHANGE_STANDING),
    ("Reverse since…", "reverse_since", REVERSE_SINCE),
]


def acts_on(visit: Visit) -> list[Link]:
    links = [
        Link(text, reverse(f"admin:gamification_learnerprofile_{name}", args=[visit.learner_id]))
        for text, name, permission in PAGES
        if visit.may_act(permission)
    ]
    if visit.may_act(DECIDE_HELD) and visit.may_view(Completion):
        queue = reverse("admin:tracking_completion_held_learner", args=[visit.learner_id])
        links.append(Link("Decide held results", queue))
    return links

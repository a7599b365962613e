"""The reviews of a guest and an account: counted again by date, and paid as those of one account."""

from collections.abc import Container, Iterable, Mapping
from datetime import date

from gamification.awards import ReviewAward
from hotsql.writes import update_rows
from tracking.models import Review
from tracking.review.answering import Reviewed, award_of

NOTHING_BEFORE = Reviewed(questions=0, xp=0)  # the merge counts again


def reviews_of(learner_id: int) -> list[Review]:
    """Without what was answered."""
    return list(Review.objects.filter(learner=learner_id).defer("answer", "response").order_by("reviewed_at", "pk"))


def awards_of(reviews: Iterable[Review], guest_keys: Container[int]) -> dict[bool, list[ReviewAward]]:
    """True: those of the guest."""
    awards: dict[bool, list[ReviewAward]] = {True: [], False: []}
    for review in reviews:
        awards[review.pk in guest_keys].append(award_of(review, NOTHING_BEFORE))
    return awards


def store_reviews(reviews: Iterable[Review], reviewed: Mapping[str, tuple[date, int]]) -> None:
    """Their dates are those of the account, and the most of a date is counted from what they pay."""
    changed = []
    for review in reviews:
        now = reviewed[str(review.pk)]
        if (review.date, review.awarded_xp) != now:
            review.date, review.awarded_xp = now
            changed.append(review)
    update_rows(changed, ["date", "awarded_xp"])

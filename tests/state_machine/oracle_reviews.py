"""Reviews of questions that are due: paid once, up to the most of a local date; enough of them make a day.

The limits of plausibility do not apply to them. See `oracle`.
"""

from .oracle_plays import PlayOracle
from .records import OracleReview, RefusedError


class ReviewOracle(PlayOracle):
    def due(self, who) -> list[str]:
        """Questions; those that were answered rightly just now are due after days."""
        known = self.remembered[who]
        return [question for question in known if known[question].due and known[question].due <= self.now]

    def review(self, who, question, *, answer: bool) -> tuple[OracleReview, bool]:
        known = self.remembered[who].get(question)
        if known is None:
            raise RefusedError("question_not_found")
        if question not in self.due(who):
            return self._reviewed_before(who, question, answer), False
        self._refuse_untracked()
        self.remember(who, question, right=answer, at=self.now)
        return self._pay_review(who, question, answer), True

    def _reviewed_before(self, who, question, answer) -> OracleReview:
        mine = [review for review in self.reviews if (review.who, review.question) == (who, question)]
        if not mine or mine[-1].at != self.remembered[who][question].at:
            raise RefusedError("not_due")
        if mine[-1].right != answer:
            raise RefusedError("already_answered")
        return mine[-1]

    def _pay_review(self, who, question, right) -> OracleReview:
        before, day = self.numbers(who), self.calendars[who].date(self.now)
        of_day = [review for review in self.reviews if (review.who, review.day) == (who, day)]
        left = self.rules.review_xp_per_day - sum(review.awarded for review in of_day)
        awarded = max(0, min(self.rules.review_xp, left)) if right else 0
        number = len({question, *(review.question for review in of_day)})
        review = OracleReview(who, question, right, self.now, day, number, awarded)
        self.reviews.append(review)
        if awarded:
            self._write(who, awarded, "review", self.now)
        if number >= self.rules.reviews_for_a_day:
            review.streak = self._visit(who, self.now, completed=True, trust="verified")
        review.unlocked = self._unlock(who, before, self.now, trust="verified")
        return review

"""Steps for reviews: learners answer questions that are due, and some that are not."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tracking.models import Review
from tracking.review.answering import answer_review

from .comparison import as_stored, keys_of_answer
from .play_steps import PlaySteps, pick
from .streak_steps import who
from .world import EXPERT, LEARNERS, LEVELS

QUESTIONS = [question for level in LEVELS for question in level.question_ids[:4]]
waits = st.sampled_from([0, 0, 600, 86_400, 3 * 86_400])  # seconds


class ReviewSteps(PlaySteps):
    @rule(
        name=st.sampled_from([EXPERT, EXPERT, *LEARNERS]),
        wait=waits,
        number=st.sampled_from([1, 2, 5, 6, 22]),
        wrong=st.sampled_from([0, 0, 1, 4]),
        again=st.booleans(),
    )
    def practise(self, name, wait, number, wrong, again):
        """What is due, the first ones wrongly; those perhaps again when they are due again on the same day."""
        self.oracle.now += timedelta(seconds=wait)
        for turn, question in enumerate(self.oracle.due(name)[:number]):
            self.compare_review(name, question, answer=turn >= wrong)
        if again:
            self.oracle.now += timedelta(minutes=10)
            for question in self.oracle.due(name)[:wrong]:
                self.compare_review(name, question, answer=True)

    @rule(name=who, question=st.sampled_from(QUESTIONS), answer=st.booleans())
    def practise_anything(self, name, question, answer):
        self.compare_review(name, question, answer=answer)

    @rule(which=pick, change=st.booleans())
    def repeat_a_review(self, which, change):
        reviews = self.oracle.reviews
        if reviews:
            review = reviews[-1 - which % len(reviews)]
            self.compare_review(review.who, review.question, answer=review.right != change)

    def compare_review(self, name, question, *, answer):
        results = self.both(
            lambda: self.oracle.review(name, question, answer=answer),
            lambda: answer_review(
                learner=self.world.people[name], question_id=question, answer=answer, at=self.oracle.now
            ),
        )
        if results:
            (review, is_new), (response, was_new) = results
            assert was_new == is_new
            self.check_review(review, as_stored(response), is_new=is_new)

    def check_review(self, review, response, *, is_new):
        if is_new:
            review.answer = response
        assert response == review.answer
        told = {name: response[name] for name in ["correct", "awarded_xp", "reviewed_today", "streak"]}
        assert told == {
            "correct": review.right,
            "awarded_xp": review.awarded,
            "reviewed_today": review.number,
            "streak": review.streak,
        }
        assert keys_of_answer(response) == review.unlocked
        if is_new:
            remaining, total = len(self.oracle.due(review.who)), self.oracle.total(review.who)
            assert (response["remaining"], response["new_total_xp"]) == (remaining, total)

    def check_rows(self):
        super().check_rows()
        fields = ["learner_id", "question__question_id", "correct", "awarded_xp", "date", "reviewed_at"]
        rows = Review.objects.order_by("pk").values_list(*fields)
        assert [(self.names[pk], *row) for pk, *row in rows] == [
            (review.who, review.question, review.right, review.awarded, review.day, review.at)
            for review in self.oracle.reviews
        ]

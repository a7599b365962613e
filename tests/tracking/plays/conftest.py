import pytest

from tests.tracking.plays.content import QuestionFactory


@pytest.fixture
def questions(level):
    """Ten, all of which are answered with true."""
    return QuestionFactory.create_batch(10, level=level)


@pytest.fixture
def player(learner_api, questions):
    return Player(learner_api)


class Player:
    """Plays the level by the API."""

    def __init__(self, client, level_id="level-3"):
        self.client, self.level_id = client, level_id
        self.session_id = None

    def start(self):
        answer = self.client.post(f"/api/v1/levels/{self.level_id}/play")
        self.session_id = answer.json().get("session_id", self.session_id)
        return answer

    def hint(self, question_id):
        return self.client.post(f"/api/v1/plays/{self.session_id}/hint", {"question_id": question_id})

    def answer(self, question_id, answer):
        body = {"question_id": question_id, "answer": answer}
        return self.client.post(f"/api/v1/plays/{self.session_id}/answer", body)

    def finish(self):
        return self.client.post(f"/api/v1/plays/{self.session_id}/finish")

    def play(self, *, right, wrong=0):
        """Start, answer so many of the questions, and finish; the answer to that."""
        asked = [question["question_id"] for question in self.start().json()["questions"]]
        for number, question_id in enumerate(asked[: right + wrong]):
            assert self.answer(question_id, number < right).status_code == 200
        return self.finish()

import pytest


@pytest.fixture
def practise(sign_in, learner):
    """`practise(question)` answers rightly. Signed in anew each time, since tests move the clock."""

    def practise(question, answer=True, *, client=None, status=200):
        body = {"question_id": getattr(question, "question_id", question), "answer": answer}
        response = (client or sign_in(learner)).post("/api/v1/review/answer", body)
        assert response.status_code == status, response.content
        return response.json()

    return practise

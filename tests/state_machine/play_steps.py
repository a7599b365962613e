"""Steps for plays: the server asks and judges; finished online, or offline and sent later."""

from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tracking.models import LearningSession, PlayQuestion, QuestionMemory
from tracking.plays import services as plays
from tracking.plays.offline import LateAnswer
from tracking.recording.completions import Claim
from tracking.sync.batch import sync
from tracking.sync.events import Event, SessionData, Status

from .comparison import as_stored
from .limit_steps import LimitSteps
from .streak_steps import who
from .world import LEARNERS, LEVELS, WITH_HINT

DAY = timedelta(days=1)
PLAYED = [level.level_id for level in LEVELS if level.pool]
EVENTS = [str(UUID(int=number, version=4)) for number in range(3)]
played = st.sampled_from([*PLAYED, PLAYED[0], LEVELS[2].level_id])  # the last has no questions
wrong_ones = st.sampled_from([0, 0, 0, 1, 2, 4])
stays = st.sampled_from([0, 59, 60, 400, 86_401])  # seconds
pick = st.integers(0, 30)  # an index, counted from the end, modulo the number of rows


class PlaySteps(LimitSteps):
    @rule(name=who, level=played, hints=st.integers(0, 2), wrong=wrong_ones, stay=stays)
    def play_online(self, name, level, hints, wrong, stay):
        session = self.compare_begin(name, level)
        if session is None:
            return
        for question in session.play.asked[:hints]:
            self.compare_hint(name, session, question)
        for number, question in enumerate(session.play.asked):
            self.compare_answer(name, session, question, answer=number >= wrong)
        self.oracle.now += timedelta(seconds=stay)
        self.compare_finish(name, session)

    @rule(
        name=who,
        level=played,
        wrong=wrong_ones,
        online=st.integers(0, 1),
        days=st.sampled_from([0, 0, 1, 6, 31]),
        pause=st.sampled_from([-100, 0, 20, 70, 90_000]),
        event_id=st.sampled_from([None, *EVENTS]),
    )
    def play_offline(self, name, level, wrong, online, days, pause, event_id):
        """The first answers may be given online; the others come days later, one after every pause."""
        session = self.compare_begin(name, level)
        if session is None:
            return
        for question in session.play.asked[:online]:
            self.compare_answer(name, session, question, answer=True)
        answers = [
            (question, number >= wrong, self.oracle.now + timedelta(seconds=pause * number))
            for number, question in enumerate(session.play.asked)
        ]
        self.oracle.now += timedelta(days=days)
        self.compare_send(name, session, answers, event_id or self.new_event_id())

    @precondition(lambda self: self.plays)
    @rule(
        which=pick,
        by=st.sampled_from([None, None, *LEARNERS]),
        question=pick,
        act=st.sampled_from(["hint", True, False, "finish", "send"]),
    )
    def touch_a_play(self, which, by, question, act):
        """Of any state and anybody; the question may be one of another play."""
        session = self.plays[-1 - which % len(self.plays)]
        name, questions = by or session.who, [*session.play.asked, "quiz-0"]
        question = questions[question % len(questions)]
        if act == "hint":
            self.compare_hint(name, session, question)
        elif act == "finish":
            self.compare_finish(name, session)
        elif act == "send":
            self.compare_send(name, session, [(question, True, self.oracle.now)], self.new_event_id())
        else:
            self.compare_answer(name, session, question, answer=act)

    @property
    def plays(self):
        return [session for session in self.oracle.sessions if session.play]

    def new_event_id(self):
        return str(UUID(int=1000 + len(self.oracle.completions), version=4))

    # The same calls to product and oracle

    def compare_begin(self, name, level):
        results = self.both(
            lambda: self.oracle.begin_play(name, level),
            lambda: plays.start_play(learner=self.world.people[name], level=level, at=self.oracle.now),
        )
        if results is None:
            return None
        (session, is_new), shown = results
        asked = [question["question_id"] for question in shown["questions"]]
        if is_new:
            assert self.oracle.is_drawn_fairly(name, level, asked)
            session.pk, session.play.asked = shown["session_id"], asked
        told = {each["question_id"]: each["correct"] for each in shown["answered"]}
        assert (shown["session_id"], asked) == (session.pk, session.play.asked)
        assert told == {question: given.right for question, given in session.play.given.items()}
        return session

    def compare_hint(self, name, session, question):
        about = {"learner": self.world.people[name], "session_id": session.pk, "question_id": question}
        self.both(
            lambda: self.oracle.take_hint(name, session, question, exists=question in WITH_HINT),
            lambda: plays.take_hint(**about, at=self.oracle.now),
        )

    def compare_answer(self, name, session, question, *, answer):
        about = {"learner": self.world.people[name], "session_id": session.pk, "question_id": question}
        results = self.both(
            lambda: self.oracle.answer(name, session, question, answer=answer),
            lambda: plays.answer_question(**about, answer=answer, at=self.oracle.now),
        )
        if results:
            expected, verdict = results
            assert (verdict["correct"], verdict["answered"], verdict["remaining"]) == expected

    def compare_finish(self, name, session):
        results = self.both(
            lambda: self.oracle.finish(name, session),
            lambda: plays.finish_play(learner=self.world.people[name], session_id=session.pk, at=self.oracle.now),
        )
        self.check_outcome(results, shape="session")

    def compare_send(self, name, session, answers, event_id):
        results = self.both(
            lambda: self.oracle.send(name, session, answers, event_id),
            lambda: self.send(name, session, answers, event_id),
        )
        if results:
            (completion, is_new), verdict = results
            statuses = {(True, True): Status.HELD, (True, False): Status.CREATED}
            assert verdict.status == statuses.get((is_new, completion.held), Status.REPLAYED)
            self.check_answer(completion, is_new, as_stored(verdict.answer))

    def send(self, name, session, answers, event_id):
        late = tuple(LateAnswer(*answer) for answer in answers)
        claim = Claim(level="", score=0, client_event_id=UUID(event_id))
        event = Event(claim, SessionData(session.pk), answers=late)
        (verdict,) = sync(learner=self.world.people[name], events=[event], at=self.oracle.now)
        if verdict.problem:
            raise verdict.problem
        return verdict

    # What is stored

    def check_rows(self):
        super().check_rows()
        self.check_memories()
        self.check_plays()

    def check_memories(self):
        """After how many days a question is due only the algorithm knows, which has tests of its own."""
        fields = ["learner_id", "question__question_id", "last_review", "correct", "due"]
        found = set()
        for learner_id, question, last, *row in QuestionMemory.objects.values_list(*fields):
            name, due = self.names[learner_id], row[-1]
            known = self.oracle.remembered[name][question]
            if known.due is None:
                assert due > last
                assert (due - last) % DAY == timedelta()
                known.due = due
            found.add((name, question, last, *row))
        assert found == {
            (name, question, known.at, known.right, known.due)
            for name, questions in self.oracle.remembered.items()
            for question, known in questions.items()
        }

    def check_plays(self):
        assert list(LearningSession.objects.plays().order_by("pk").values_list("pk", flat=True)) == [
            session.pk for session in self.plays
        ]
        fields = ["play_id", "question__question_id", "hint_taken", "correct", "answered_at", "turn"]
        rows = list(PlayQuestion.objects.order_by("play", "position").values_list(*fields))
        assert rows == [row for session in self.plays for row in expected_questions(session)]


def expected_questions(session):
    play, turns = session.play, list(session.play.given)
    for question in play.asked:
        given = play.given.get(question)
        answered = (given.right, given.at, 1 + turns.index(question)) if given else (None, None, None)
        yield session.pk, question, question in play.hints, *answered

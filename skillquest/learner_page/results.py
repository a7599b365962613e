"""What the learner has played: results, sessions, and results that were held."""

from django.urls import reverse

from tracking.explanations.held_results import HeldResult, held_results_of
from tracking.models import Completion, LearningSession

from .blocks import SHOWN, Block, Cell, all_of, link_to, moment
from .visits import Visit


def results(visit: Visit) -> Block:
    mine = Completion.objects.filter(learner=visit.learner_id).select_related("level")
    # By the moment, not by the key: that would tempt the database to read everybody's results backwards.
    newest = mine.order_by("-created_at", "-pk")[:SHOWN]
    return Block(
        "Results",
        ["When (UTC)", "Level", "Score", "Seconds", "Result", "Trust", "Came by"],
        [_result(completion) for completion in newest],
        "No level was finished yet.",
        all_of(Completion, visit.learner_id),
    )


def _result(completion: Completion) -> list[Cell]:
    return [
        link_to(completion, moment(completion.created_at)),
        completion.level.name,
        f"{completion.score} of {completion.max_score}",
        "-" if completion.time_spent is None else completion.time_spent,
        _outcome(completion),
        completion.get_trust_display(),
        completion.server_key or completion.get_source_display(),
    ]


def _outcome(completion: Completion) -> str:
    if completion.held:
        return "Refused" if completion.refused else "Held"
    return "Passed" if completion.passed else "Not passed"


def held(visit: Visit) -> Block:
    """With the sentence that the learner reads."""
    return Block(
        "Held results",
        ["When (UTC)", "Level", "Score", "State", "Why"],
        [_held(result) for result in held_results_of(visit.profile)[:SHOWN]],
        "No result was ever held.",
        reverse("admin:tracking_completion_held_learner", args=[visit.learner_id]),
    )


def _held(result: HeldResult) -> list[Cell]:
    completion = result.completion
    when = link_to(completion, moment(completion.created_at))
    score = f"{completion.score} of {completion.max_score}"
    return [when, completion.level.name, score, result.state.capitalize(), result.why or "-"]


def sessions(visit: Visit) -> Block:
    mine = LearningSession.objects.filter(learner=visit.learner_id).select_related("level").newest_first()
    return Block(
        "Sessions",
        ["Began (UTC)", "Level", "Status", "Kind", "Score", "Seconds"],
        [_session(session) for session in mine[:SHOWN]],
        "No session was started yet.",
        all_of(LearningSession, visit.learner_id),
    )


def _session(session: LearningSession) -> list[Cell]:
    return [
        link_to(session, moment(session.start_time)),
        session.level.name,
        session.get_status_display(),
        "Play" if session.is_play else "Reported",
        "-" if session.score is None else session.score,
        "-" if session.time_spent is None else session.time_spent,
    ]

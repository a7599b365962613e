"""Plays and reviews: bugs that the state machine must see. See `seeded_bugs`."""

from .seeding import WALKS, bug

PLAYS = [
    bug(
        "a failed play completes its level's day",
        "tracking/recording/completions.py",
        "completes=completion.passed or not completion.is_play",
        "completes=True",
        tests=WALKS,
    ),
    bug(
        "a play passes by the pass score of its level",
        "tracking/recording/ending.py",
        "if ending.passed is not None:",
        "if ending.passed:",
        tests=WALKS,
    ),
    bug(
        "a play passes with less than the percentage that it needs",
        "tracking/plays/judging.py",
        "self.right * 100 >= percent * self.asked",
        "self.right * 100 >= percent * (self.asked - 1)",
        tests=WALKS,
    ),
    bug(
        "a failed play that was finished offline is held",
        "tracking/sync/events.py",
        "if self.play and not self.play.passed:",
        "if self.is_play and not self.play:",
        tests=WALKS,
    ),
    bug(
        "a play that was finished offline counts as verified",
        "tracking/sync/writing.py",
        "Trust.VERIFIED if report.reporter.is_server else Trust.OFFLINE",
        "Trust.VERIFIED",
        tests=WALKS,
    ),
    bug(
        "answers that are sent later replace those given online",
        "tracking/plays/offline.py",
        "if given is None or row.answered_at:",
        "if given is None:",
        tests=WALKS,
    ),
    bug(
        "the hints of a play are not counted",
        "tracking/plays/judging.py",
        "hints=sum(row.hint_taken for row in rows),",
        "hints=0,",
        tests=WALKS,
    ),
    bug(
        "a play of yesterday goes on",
        "tracking/plays/services.py",
        "if other and not other.is_too_old(at):",
        "if other:",
        tests=WALKS,
    ),
]

REVIEWS = [
    bug(
        "reviews pay one XP a day too much",
        "gamification/awards/reviews.py",
        "max(0, rules.review_xp_per_day - award.paid_before)",
        "max(0, rules.review_xp_per_day + 1 - award.paid_before)",
        tests=WALKS,
    ),
    bug(
        "the most XP of reviews counts answers instead of XP",
        "tracking/review/answering.py",
        'xp=Sum("awarded_xp", default=0)',
        'xp=Count("pk")',
        tests=WALKS,
    ),
    bug(
        "a question that was reviewed twice counts twice",
        "tracking/review/answering.py",
        'Count("question", distinct=True, filter=',
        'Count("question", filter=',
        tests=WALKS,
    ),
    bug(
        "a day needs one review more",
        "gamification/awards/reviews.py",
        "if award.reviewed < rules.reviews_for_a_day:",
        "if award.reviewed <= rules.reviews_for_a_day:",
        tests=WALKS,
    ),
    bug(
        "the day of a review is that of UTC",
        "tracking/review/answering.py",
        "day = local_date(batch.profile, at)",
        "day = at.date()",
        tests=WALKS,
    ),
    bug(
        "a wrong answer can be reviewed again at once",
        "tracking/review/answering.py",
        "if memory.due > at:",
        "if memory.due > at and memory.correct:",
        tests=WALKS,
    ),
]

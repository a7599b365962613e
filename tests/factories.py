"""Factories for rows: each creates the simplest valid row; tests set only the values that matter to them."""

from datetime import UTC, datetime

import factory

from gamification.awards.adjustments import adjust_xp
from gamification.ledger.entries import NewEntry, append_entries, write_entries
from gamification.models import LearnerProfile, LedgerEntry, Metric

PASSWORD = "correct horse battery staple"


class UserFactory(factory.django.DjangoModelFactory):
    """A learner, with a profile."""

    class Meta:
        model = "accounts.User"
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"learner{number}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.test")
    password = factory.django.Password(PASSWORD)
    # Long before anything that a test lets happen.
    date_joined = datetime(2020, 1, 1, tzinfo=UTC)

    @factory.post_generation
    def profile(self, create, _extracted, **fields):
        """`UserFactory(profile__time_zone="Asia/Jakarta")` sets its fields."""
        from gamification.models import LearnerProfile

        # By id, because an instance cached on the user would keep its outdated total.
        if create:
            LearnerProfile.objects.create(user_id=self.pk, **fields)


class StaffFactory(UserFactory):
    """A superuser."""

    username = factory.Sequence(lambda number: f"staff{number}")
    is_staff = True
    is_superuser = True


class LevelFactory(factory.django.DjangoModelFactory):
    """A level of normal difficulty that anybody may play."""

    class Meta:
        model = "levels.Level"
        skip_postgeneration_save = True

    level_id = factory.Sequence(lambda number: f"test-level-{number}")
    number = factory.Sequence(lambda number: 10_000 + number)
    name = factory.Sequence(lambda number: f"Test level {number}")
    category = "testing"
    kind = "simulation"
    difficulty = "normal"
    unlocked = True
    published = True

    @factory.post_generation
    def prerequisites(self, create, extracted, **_):
        """`LevelFactory(prerequisites=[first])`."""
        if create and extracted:
            self.prerequisites.set(extracted)


class QuestionFactory(factory.django.DjangoModelFactory):
    """Is it true? It is. `QuestionFactory(level__name="Maze")` sets fields of its level."""

    class Meta:
        model = "levels.Question"

    question_id = factory.Sequence(lambda number: f"test-question-{number}")
    level = factory.SubFactory(LevelFactory)
    position = factory.Sequence(lambda number: number)
    kind = "true_false"
    prompt = factory.Sequence(lambda number: f"Is {number} a number?")
    answer = True
    hint = "Count."
    explanation = "It *is*."
    skill = "counting"


class MetricFactory(factory.django.DjangoModelFactory):
    """Learners report it themselves; it pays a quarter of an XP for each page."""

    class Meta:
        model = Metric

    metric_id = "pages_read"
    name = "Pages read"
    unit = "pages"
    per_event_max = 100
    xp_per_unit = "1/4"
    reported_by = "learner"


def adjust(**adjustment) -> LedgerEntry:
    """The ledger entry of `adjust_xp`."""
    return adjust_xp(**adjustment).entry


def credit(profile: LearnerProfile, new_entries: list[NewEntry], *, at: datetime) -> list[LedgerEntry]:
    """Write ledger entries for a locked profile, without what they would unlock."""
    entries = append_entries(profile, new_entries, at)
    write_entries([profile], entries, at=at)
    return entries

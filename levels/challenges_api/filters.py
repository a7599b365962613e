from levels.filters import LevelFilter


class ChallengeFilter(LevelFilter):
    kind = None  # all of one

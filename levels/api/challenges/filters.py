from levels.api.filters import LevelFilter


class ChallengeFilter(LevelFilter):
    kind = None  # all of one

"""Leaderboards: derived from rows, never the source of truth, and the same whichever store answers.

`base` says what a board is; `database_board` and `redis_board` are the two stores; `windows` computes the XP of the
last days; `projection` passes new totals on; `presentation` adds what a page or answer shows beside a score.
"""

"""Leaderboards: derived from rows, never the truth, and the same whichever store answers.

base (what a board is), database and redis (the two that answer), windows (XP of the last days), following (how boards
learn of a deed), people and api (how they are shown).
"""

"""The page on which staff see one learner whole, and the list of learners.

It stands at the top of the layers, because it shows accounts, server keys, results and XP beside each other.
"""

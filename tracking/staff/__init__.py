"""What staff decide about the results of learners: held ones, and the reversal of many at once."""

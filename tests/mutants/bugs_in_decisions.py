"""Refusals and bulk reversals: bugs that the state machine must see. See `seeded_bugs`."""

from .seeding import WALKS, bug

DECISIONS = [
    bug(
        "a refused result pays",
        "tracking/staff/held_results.py",
        "(release_completion if release else refuse_completion)(completion, at=at)",
        "release_completion(completion, at=at)",
        tests=WALKS,
    ),
    bug(
        "a refused result opens the next level",
        "tracking/models/completions.py",
        "return self.filter(learner=learner, passed=True, refused=False)",
        "return self.filter(learner=learner, passed=True)",
        tests=WALKS,
    ),
    bug(
        "staff decide their own results among those of others",
        "tracking/staff/held_results.py",
        "return held.exclude(learner=actor).filter(",
        "return held.filter(",
        tests=WALKS,
    ),
    bug(
        "a bulk reversal skips an entry between two portions",
        "gamification/staff/bulk_reversal_jobs.py",
        "job.done += len(part)",
        "job.done += PORTION + 1",
        tests=WALKS,
    ),
    bug(
        "a bulk reversal does its first portion over and over",
        "gamification/staff/bulk_reversal_jobs.py",
        "[job.done : job.done + PORTION]",
        "[:PORTION]",
        tests=WALKS,
    ),
    bug(
        "a bulk reversal plans what was reversed already",
        "gamification/staff/bulk_reversals.py",
        "created_at__lte=criteria.until, reversed_by=None",
        "created_at__lte=criteria.until",
        tests=WALKS,
    ),
    bug(
        "a bulk reversal reverses the entries of another learner",
        "gamification/awards/bulk_reversals.py",
        "LedgerEntry.objects.filter(learner=learner_id, sequence__in",
        "LedgerEntry.objects.filter(sequence__in",
        tests=WALKS,
    ),
    bug(
        "a bulk reversal of one level takes all bonuses and achievements",
        "gamification/staff/bulk_reversals.py",
        "is_meant = line.moment == cause if criteria.names_results",
        "is_meant = True if criteria.names_results",
        tests=WALKS,
    ),
    bug(
        "a bulk reversal keeps the achievements whose XP it takes",
        "gamification/awards/bulk_reversals.py",
        "                unlocking.revoke(batch.profile, entry.reference_id, at=at)\n",
        "                pass\n",
        tests=WALKS,
    ),
]

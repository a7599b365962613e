"""What the reversal of a ledger entry changes for the level that it was paid for."""

from django.db.models import Sum

from gamification.awards import Rules, limit_repeat, price, published_rules, total
from gamification.models import LedgerEntry
from tracking.models import Completion
from tracking.recording.completions import facts_of

from .ledger_entries import completion_paid_by


def consequences_for_level(entry: LedgerEntry) -> list[str]:
    """For staff, one sentence each; none if the entry was not paid for a completion."""
    key = completion_paid_by(entry)
    if key is None or entry.reversal_of_id:
        return []
    completion = Completion.objects.select_related("level").get(pk=key)
    lines = LedgerEntry.objects.filter(learner=entry.learner_id, subject=entry.subject)
    paid = lines.aggregate(paid=Sum("delta"))["paid"]
    rules = published_rules()
    now, then = (_would_pay(completion, amount, rules) for amount in [paid, paid - entry.delta])
    name, policy = completion.level.name, completion.level.repeat_policy
    stays = f"The completion stays: “{name}” counts as played with {completion.score} of {completion.max_score} points."
    next_time = (
        f"Played again with the same result, “{name}” would pay {then} XP instead of {now}: its repeat policy is "
        f"“{policy}”, and it would then have paid {paid - entry.delta} XP."
    )
    return [stays, next_time]


def _would_pay(completion: Completion, already_paid: int, rules: Rules) -> int:
    due = price(facts_of(completion), rules)
    return total(limit_repeat(due, completion.level.repeat_policy, already_paid))

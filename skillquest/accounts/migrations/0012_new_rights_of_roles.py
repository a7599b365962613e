"""Repairing days, held results and reversing many entries are rights of their own.

Whoever may adjust XP could decide about held results and reverse many entries before, so they still can.
"""

from django.db import migrations

from skillquest.accounts.granting import Right, granting

SEE_REPAIRS = Right("gamification", "dayrepair", "view_dayrepair", "Can view repaired day")
REPAIR = Right(
    "gamification", "dayrepair", "repair_days", "Can return freezes to learners and repair their missed days"
)
DECIDE_HELD = Right("tracking", "completion", "decide_held_results", "Can release and refuse held results")
REVERSE_SINCE = Right("gamification", "ledgerentry", "reverse_since", "Can reverse many entries of a learner at once")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_find_people"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("gamification", "0023_right_to_reverse_since"),
        ("tracking", "0019_right_to_decide_held_results"),
    ]

    operations = [
        migrations.RunPython(
            granting(
                {"XP steward": [REPAIR, SEE_REPAIRS], "Analyst": [SEE_REPAIRS]},
                to_holders={"gamification.award_xp": [DECIDE_HELD, REVERSE_SINCE]},
            ),
            migrations.RunPython.noop,
        )
    ]

"""Analysts see the pages of analytics, which did not exist before."""

from django.db import migrations

from skillquest.accounts.granting import Right, granting

VIEW = Right("analytics", "analytics", "view_analytics", "Can view analytics")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_new_rights_of_roles"), ("analytics", "0001_initial")]

    operations = [migrations.RunPython(granting({"Analyst": [VIEW]}), migrations.RunPython.noop)]

"""Adjustment requests become approval requests, with the same ids; their permissions and log entries follow them."""

import json
from hashlib import sha256

from django.core.management.color import no_style
from django.db import migrations

BATCH = 500


def move_requests(apps, schema_editor):
    old, new = apps.get_model("gamification", "AdjustmentRequest"), apps.get_model("approvals", "ApprovalRequest")
    rows = old.objects.order_by("pk").iterator(chunk_size=BATCH)
    new.objects.bulk_create((_approval(new, row) for row in rows), batch_size=BATCH)
    with schema_editor.connection.cursor() as cursor:
        for sql in schema_editor.connection.ops.sequence_reset_sql(no_style(), [new]):
            cursor.execute(sql)


def _approval(model, row):
    is_own_decision = row.status == "declined" and row.decided_by_id == row.requested_by_id
    return model(
        pk=row.pk,
        kind="adjustment",
        subject=f"learner:{row.learner_id}",
        fingerprint=sha256(json.dumps(row.reference_id).encode()).hexdigest(),
        payload={"amount": row.amount, "reference_id": row.reference_id, "metadata": {}},
        xp=row.amount,
        summary=f"{row.amount:+d} XP",
        learner_id=row.learner_id,
        reason=row.reason,
        note=row.note,
        status="withdrawn" if is_own_decision else row.status,
        requested_by_id=row.requested_by_id,
        requested_at=row.requested_at,
        decided_by_id=row.decided_by_id,
        decided_at=row.decided_at,
        result={"entry_id": row.entry_id, "done": f"Ledger entry {row.entry_id}."} if row.entry_id else {},
    )


def move_permissions(apps, _schema_editor):
    """Whoever could view adjustment requests can view approvals. Nothing to do on a fresh database."""
    types = apps.get_model("contenttypes", "ContentType").objects
    if types.filter(app_label="approvals", model="approvalrequest").exists():
        return
    types.filter(app_label="gamification", model="adjustmentrequest").update(
        app_label="approvals", model="approvalrequest"
    )
    permissions = apps.get_model("auth", "Permission").objects
    for permission in permissions.filter(content_type__app_label="approvals", codename__endswith="_adjustmentrequest"):
        permission.codename = permission.codename.replace("adjustmentrequest", "approvalrequest")
        permission.name = permission.name.replace("adjustment request", "approval request")
        permission.save()


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("gamification", "0008_limits"),
    ]

    operations = [
        migrations.RunPython(move_requests, migrations.RunPython.noop),
        migrations.RunPython(move_permissions, migrations.RunPython.noop),
    ]

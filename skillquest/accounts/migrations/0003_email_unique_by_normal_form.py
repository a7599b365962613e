from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_email_normal_form")]

    operations = [
        migrations.RemoveConstraint("user", "email_unique_whatever_case"),
        migrations.AddConstraint(
            "user",
            models.UniqueConstraint(
                fields=["email_normal_form"],
                condition=models.Q(email_normal_form__gt=""),
                name="email_unique_by_normal_form",
                violation_error_message="This e-mail address is taken.",
            ),
        ),
    ]

"""What server keys have given and taken by hand."""

from django.db import models


class KeyAwards(models.Model):
    """Of one key, with those that it replaced, on one UTC date: the sum of all amounts, each counted as positive."""

    family = models.UUIDField()
    date = models.DateField()
    xp = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["family", "date"], name="key_awards_once_a_day")]

    def __str__(self) -> str:
        return f"{self.date}: {self.xp} XP"

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("law", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="closureday",
            name="effective_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="closureday",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RemoveConstraint(model_name="closureday", name="closure_once_a_day"),
        migrations.AddConstraint(
            model_name="closureday",
            constraint=models.UniqueConstraint(
                condition=Q(("ended_at", None)), fields=("agency", "day"), name="closure_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="closureday",
            constraint=models.CheckConstraint(
                condition=Q(
                    ("ended_at", None),
                    ("effective_at", None),
                    ("ended_at__gte", F("effective_at")),
                    _connector="OR",
                ),
                name="closure_ends_after_it_begins",
            ),
        ),
    ]

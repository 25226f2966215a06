import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0006_decisions_fit_findings"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="plancoverage",
            name="demand_was_met",
        ),
        migrations.AddConstraint(
            model_name="plancoverage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("demanded", 0),
                    (
                        "seen__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("total"), "*", models.F("demanded")
                                ),
                                "/",
                                models.Value(100.0),
                            ),
                            "-",
                            models.Value(1e-06),
                        ),
                    ),
                    _connector="OR",
                ),
                name="demand_was_met",
            ),
        ),
    ]

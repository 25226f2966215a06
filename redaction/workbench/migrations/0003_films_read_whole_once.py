from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workbench", "0002_previews")]

    operations = [
        migrations.AlterField(
            model_name="preview",
            name="kind",
            field=models.CharField(
                choices=[
                    ("proxy", "part of a proxy"),
                    ("sound", "drawn sound"),
                    ("sample", "sample of the redacted film"),
                    ("index", "film read whole once"),
                ],
                max_length=8,
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("correspondence", "0001_initial")]

    operations = [
        migrations.RemoveField(model_name="outgoingmail", name="error"),
        migrations.AlterField(
            model_name="outgoingmail",
            name="state",
            field=models.CharField(
                choices=[("waiting", "waiting"), ("sent", "handed to the mail server")],
                default="waiting",
                max_length=8,
            ),
        ),
    ]

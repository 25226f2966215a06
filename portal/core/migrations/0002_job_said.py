from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="said",
            field=models.TextField(blank=True, default=""),
        ),
        # what stood there until now may quote a record; whoever may look into it goes on reading it
        migrations.RunSQL(
            """
            UPDATE core_job SET said = error, error = 'It stopped. Who may look into the record reads why there.'
            WHERE error <> '' AND kind IN
                ('plans.render', 'plans.share', 'plans.join', 'plans.detect', 'workbench.preview',
                 'workbench.table');
            """,
            migrations.RunSQL.noop,
        ),
    ]

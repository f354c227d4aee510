"""Keys of requests now belong to the site (`exportsite.IdempotencyKey`): syncs have them, too. None is lost."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("exportsite", "0001_initial"),
        ("exports", "0002_runs"),
    ]

    operations = [
        migrations.RunSQL(
            "INSERT INTO exportsite_idempotencykey (path, key, body_sha256, resource, created_at) "
            "SELECT path, key, body_sha256, resource::text, created_at FROM exports_idempotencykey ON CONFLICT DO NOTHING",
            # The table of before has room for runs with UUIDs alone: exports and reports.
            "INSERT INTO exports_idempotencykey (path, key, body_sha256, resource, created_at) "
            "SELECT path, key, body_sha256, resource::uuid, created_at FROM exportsite_idempotencykey "
            "WHERE resource ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'",
        ),
        migrations.DeleteModel(
            name="IdempotencyKey",
        ),
    ]

"""The actor of commands and of whatever happens by itself; nobody can sign in as it."""

from django.contrib.auth.hashers import make_password
from django.db import migrations


def add(apps, schema_editor):
    apps.get_model("org", "User").objects.get_or_create(
        login="system", defaults={"name": "系统", "is_active": False, "password": make_password(None)}
    )


class Migration(migrations.Migration):
    dependencies = [("org", "0001_divisions_users_postings")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]

"""What a stranger who watches the servers is told."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client


def test_healthz_needs_no_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_readyz_when_all_is_well(client: Client, var: Path) -> None:
    response = client.get("/readyz")
    assert response.json() == {"status": "ok", "database": "ok", "migrations": "ok", "disk": "ok"}
    assert response.headers["Cache-Control"].startswith("max-age=0")


@pytest.mark.django_db
def test_readyz_with_a_migration_to_come(client: Client, var: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'subsidies'")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["migrations"]) == (503, "pending")


@pytest.mark.django_db
def test_readyz_without_a_disk_to_write_on(client: Client, var: Path) -> None:
    var.rmdir()
    var.write_text("in the way")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["disk"]) == (503, "failed")


@pytest.mark.django_db
def test_readyz_without_its_database(client: Client, var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise connection.Database.OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", gone)
    response = client.get("/readyz")
    expected = {"status": "unready", "database": "failed", "migrations": "failed", "disk": "ok"}
    assert (response.status_code, response.json()) == (503, expected)

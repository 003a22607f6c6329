"""Registers every room's tables with Piccolo."""

from piccolo.conf.apps import AppConfig, table_finder

from app.settings import ROOT

TABLE_MODULES = [
    "app.events.tables",
    "app.web.idempotency",
    "app.web.limits",
    "app.accounts.tables",
    "app.directory.tables",
    "app.scheduling.tables",
    "app.booking.tables",
    "app.payments.tables",
    "app.reviews.tables",
    "app.notifications.tables",
]

APP_CONFIG = AppConfig(
    app_name="app",
    migrations_folder_path=str(ROOT / "migrations"),
    table_classes=table_finder(TABLE_MODULES, exclude_imported=True),
    migration_dependencies=[],
)

"""Where Piccolo finds the database and our tables."""

from piccolo.conf.apps import AppRegistry

from app.db.engine import DB

APP_REGISTRY = AppRegistry(apps=["app.piccolo_app"])

__all__ = ["APP_REGISTRY", "DB"]

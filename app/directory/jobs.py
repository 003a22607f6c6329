"""Keeping the listings whole without anybody's doing, such as after a new version of this program."""

from app.directory.services.listing import relist_stale
from app.jobs.registry import every


@every("directory.relist", "* * * * * 20")
async def relist_all() -> None:
    """List doctors who are missing in the listings or whose listing an older version wrote."""
    await relist_stale()

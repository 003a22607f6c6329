"""Keeping the listings whole without anybody's doing, such as after a new version of this program."""

from app.directory.services.listing import relist_stale
from app.directory.services.pending import tidy_applications
from app.jobs.registry import every


@every("directory.relist", "* * * * * 20")
async def relist_all() -> None:
    """List doctors who are missing in the listings or whose listing an older version wrote."""
    await relist_stale()


@every("directory.tidy_applications", "40 3 * * * 0")
async def forget_applications() -> None:
    """Forget applications whose sign-up nobody confirmed."""
    await tidy_applications()

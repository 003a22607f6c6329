"""Who comes into one's account: devices, log-ins, and the ways to its locks."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from app import clock
from app.accounts.access import account_of
from app.accounts.log_in_book import TriesAsked, tries
from app.accounts.queries import Account
from app.accounts.services import totp
from app.accounts.services.devices import Device, devices_of, end_device, end_other_sessions
from app.errors import NotFound, _
from app.web.doors import signed_in
from app.web.page_number import page_number
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

ZONE = clock.HOUSE_ZONE.key
PAGE_SIZE = 20


@get("/me/security", name="accounts.security", guards=[signed_in])
async def security_page(request: WebRequest) -> Response[Any]:
    """The hub: password, address, devices, log-ins, and for staff the second step."""
    account = account_of(request)
    devices = await devices_of(account.id, session_id=account.session_id)
    return page(
        request,
        "accounts/security.html",
        account=account,
        signed_in=sum(device.is_signed_in for device in devices),
        has_second_step=await totp.is_on(account.id) if account.actor.is_staff else None,
    )


@get("/me/security/devices", name="accounts.devices", guards=[signed_in])
async def devices_page(request: WebRequest) -> Response[Any]:
    """Where one is logged in, and where one was."""
    account = account_of(request)
    devices = await devices_of(account.id, session_id=account.session_id)
    return page(request, "accounts/devices.html", devices=devices, zone=ZONE)


@get("/me/security/devices/{device_id:uuid}/end", name="accounts.device_end", guards=[signed_in])
async def device_end_page(request: WebRequest, device_id: FromPath[UUID]) -> Response[Any]:
    """Ask before a device is logged out."""
    device = await _device(account_of(request), device_id)
    return page(request, "accounts/device_end.html", device=device, zone=ZONE)


@post("/me/security/devices/{device_id:uuid}/end", guards=[signed_in])
async def device_end(request: WebRequest, device_id: FromPath[UUID]) -> Response[Any]:
    """Log it out."""
    account = account_of(request)
    await end_device(account.id, device_id, by=account.actor)
    return go(request, "accounts.devices", notice=Notice(_("Done. That device is logged out.")))


@get("/me/security/devices/end-others", name="accounts.devices_end", guards=[signed_in])
async def devices_end_page(request: WebRequest) -> Response[Any]:
    """Ask before every other device is logged out."""
    return page(request, "accounts/devices_end.html")


@post("/me/security/devices/end-others", guards=[signed_in])
async def devices_end(request: WebRequest) -> Response[Any]:
    """Log them all out."""
    account = account_of(request)
    await end_other_sessions(account, by=account.actor)
    return go(request, "accounts.devices", notice=Notice(_("Done. Every other device is logged out.")))


@get("/me/security/log-ins", name="accounts.log_ins", guards=[signed_in])
async def log_ins_page(request: WebRequest) -> Response[Any]:
    """Who tried to come in, and what became of it."""
    asked = TriesAsked(user_id=account_of(request).id)
    found = await tries(asked, page=page_number(request), page_size=PAGE_SIZE)
    return page(request, "accounts/log_ins.html", found=found, zone=ZONE)


async def _device(account: Account, device_id: UUID) -> Device:
    for device in await devices_of(account.id, session_id=account.session_id):
        if device.id == device_id:
            return device
    raise NotFound


SECURITY = [
    security_page,
    devices_page,
    device_end_page,
    device_end,
    devices_end_page,
    devices_end,
    log_ins_page,
]

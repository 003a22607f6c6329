"""Where a request comes from: what our own proxies say about it, and nothing that anybody else says."""

import logging
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from litestar.types import Scope

log = logging.getLogger(__name__)

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]

SAID_BY_PROXIES = {
    b"forwarded",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-port",
    b"x-forwarded-prefix",
    b"x-forwarded-proto",
    b"x-forwarded-server",
    b"x-original-host",
    b"x-original-url",
    b"x-real-ip",
    b"x-rewrite-url",
}
"""Headers that libraries of any layer may believe; none of them reaches the rest of the house."""


UNVOUCHED = "parchi.unvouched"
"""Set on a request that says it came through a proxy nobody named: whose it is, nobody knows."""


def seen_through(scope: Scope, trusted: Networks) -> Scope:
    """The request as our trusted proxies saw it; with none in front, as it stands without their headers.

    Each proxy writes down at the right end whom it heard, so the right-most address that is not one of
    ours is the caller; whatever stands left of it was sent by the caller. The scheme is taken only from the
    proxy that speaks to us, the name of the site never: the Host header alone says it.
    """
    said: dict[bytes, list[str]] = {}
    headers = []
    for name, value in scope["headers"]:
        if name in SAID_BY_PROXIES:
            said.setdefault(name, []).append(value.decode("latin-1"))
        else:
            headers.append((name, value))
    seen = {**scope, "headers": headers}
    client = scope.get("client")
    peer = _address(client[0]) if client else None
    if peer is None or not _is_one_of(peer, trusted):
        if b"x-forwarded-for" in said and peer is not None and not peer.is_global:
            _warn_once()
        if said:
            seen[UNVOUCHED] = True
        return seen  # type: ignore[return-value]
    caller = _caller(peer, ",".join(said.get(b"x-forwarded-for", [])), trusted)
    seen["client"] = (str(caller), 0)
    scheme = said.get(b"x-forwarded-proto", [""])[-1].rpartition(",")[2].strip().lower()
    if scheme in ("http", "https"):
        seen["scheme"] = scheme
    return seen  # type: ignore[return-value]


def _caller(peer: Address, forwarded_for: str, trusted: Networks) -> Address:
    """The right-most address that is not ours; a hop that is no address ends the search at the last known."""
    caller = peer
    for hop in reversed(forwarded_for.split(",")):
        found = _address(_without_port(hop.strip()))
        if found is None:
            break
        caller = found
        if not _is_one_of(found, trusted):
            break
    return caller


def _without_port(hop: str) -> str:
    """`192.0.2.1:443` and `[2001:db8::1]:443`, as some proxies write, without their ports."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    host, colon, port = hop.rpartition(":")
    return host if colon and port.isdecimal() and ":" not in host else hop


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def _is_one_of(address: Address, networks: Networks) -> bool:
    return any(address in network for network in networks)


@cache
def _warn_once() -> None:
    """Behind a proxy nobody told us of, all people share its address, and so its limits."""
    log.warning(
        "X-Forwarded-For comes from an address near by that is not in TRUSTED_PROXIES; it is not believed, "
        "so whoever comes through that proxy counts as one address"
    )

"""Single values of the environment: each is read in one way, and refused with a sentence that names it."""

import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

USUAL_PORTS = {"http": 80, "https": 443}
WIDEST_NETWORK = {4: 8, 6: 16}
"""The shortest prefix of a network of proxies, by version: 10.0.0.0/8 is the widest private one."""


class BadSetting(Exception):
    """A setting that cannot be used; the text says which one and why."""


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    """One of a few words. Raises BadSetting, as all of these do."""
    value = os.environ.get(name) or default
    if value not in allowed:
        raise BadSetting(f"{name} must be one of {', '.join(allowed)}; it is {value!r}.")
    return value


def whole(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number within bounds."""
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise BadSetting(f"{name} must be a whole number from {least} to {most}; it is {text!r}.")
    return int(text)


def web_address(name: str, default: str) -> str:
    """An http or https address without a slash at its end; empty where none is given and none is usual."""
    text = (os.environ.get(name) or default).rstrip("/")
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise BadSetting(f"{name} must be an http or https address; it is {text!r}.")
    return text


def _listed(name: str) -> list[str]:
    return [one.strip() for one in os.environ.get(name, "").split(",") if one.strip()]


_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+")


def hosts(name: str) -> tuple[str, ...]:
    """Names of hosts in lower case, and addresses in digits without brackets."""
    names = tuple(one.lower().strip("[]") for one in _listed(name))
    for one in names:
        if not _HOST.fullmatch(one):
            raise BadSetting(
                f"{name} takes names such as www.example.com, without port or *; one is {one!r}."
            )
    return names


def networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks, none of which is half the world."""
    try:
        found = tuple(ip_network(one) for one in _listed(name))
    except ValueError as problem:
        raise BadSetting(f"{name} takes addresses and networks such as 10.0.0.0/8: {problem}.") from None
    for network in found:
        if network.prefixlen < WIDEST_NETWORK[network.version]:
            raise BadSetting(
                f"{name} must not trust half the world: {network} is wider than a /8 (IPv4) or a /16 (IPv6); "
                "name the proxies in front of this site."
            )
    return found


def origins(name: str) -> tuple[str, ...]:
    """The origins as browsers write them, without the usual port of their scheme."""
    found = []
    for one in map(str.lower, _listed(name)):
        try:
            parts = urlsplit(one)
            is_origin = bool(parts.hostname) and one == f"{parts.scheme}://{parts.netloc}" and "@" not in one
            is_origin = is_origin and parts.scheme in ("http", "https") and "*" not in one and parts.port != 0
        except ValueError:
            is_origin = False
        if not is_origin:
            raise BadSetting(
                f"{name} takes origins such as https://app.example.com, nothing more; not {one!r}."
            )
        usual = parts.port == USUAL_PORTS[parts.scheme]
        found.append(one.removesuffix(f":{parts.port}") if usual else one)
    return tuple(found)

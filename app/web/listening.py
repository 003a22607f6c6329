"""Taking the port we serve on."""

import errno
import socket
import time

PATIENCE = 1.5
"""Seconds; after kill -9 of a start with several web processes these need a moment to end."""


class CannotListen(Exception):
    """The port is not to be had; the text says why."""


def listen(host: str, port: int) -> socket.socket:
    """Take a port before anything else is started, so that two starts cannot get in each other's way.

    From here on requests wait in the queue instead of being refused. Raises CannotListen.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            return socket.create_server(address[:2], family=family, backlog=2048)
        except socket.gaierror as problem:
            raise CannotListen(f"HOST {host!r} is not an address.") from problem
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE:
                raise CannotListen(f"Port {port} on {host} cannot be used: {problem.strerror}.") from problem
            if time.monotonic() > until:
                raise CannotListen(
                    f"Port {port} on {host} is in use: stop what runs there, or set PORT to another number."
                ) from problem
        time.sleep(0.1)


def own_address(listening: socket.socket) -> str:
    """How processes on this machine reach what listens there."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

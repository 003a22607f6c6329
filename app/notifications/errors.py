"""Why a letter did not go out. None of them names an address: they end in logs and in the queue's own log."""


class NotDelivered(Exception):
    """The letter has not gone out; it will be tried again unless it was refused."""


class MailServerDown(NotDelivered):
    """No letter can go out just now: the server cannot be reached, hangs, or does not let us in."""


class Deferred(NotDelivered):
    """The server does not take this letter now (4xx), but may take others."""


class Refused(NotDelivered):
    """The server will never take this letter (5xx): the address does not exist, or the like."""


class NotYet(NotDelivered):
    """Every waiting letter is on its way already or rests; look again later."""


class Overtaken(Refused):
    """What the letter would tell holds no longer, or its reader wants no such letter any more."""

    def __init__(self) -> None:
        super().__init__("overtaken")

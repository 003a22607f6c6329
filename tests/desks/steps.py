"""Steps a patient takes on the pages, as tests say them."""

from datetime import datetime, timedelta
from uuid import UUID

from app import clock
from app.db.clock import set_clock
from app.db.engine import fetch_value
from tests.browser import Answer, Browser
from tests.factories import Cast, CastDoctor, paid_at_gateway


async def press(browser: Browser, slot: UUID, doctor: CastDoctor, **more: object) -> Answer:
    """Press a time on the doctor's page."""
    return await browser.post("/checkout", {"slot": slot, "service": doctor.service_id, **more})


async def held_code(browser: Browser, slot: UUID, doctor: CastDoctor) -> str:
    """Press a time and give the code of what is held then."""
    answer = await press(browser, slot, doctor)
    assert answer.status_code == 303, answer.text
    return answer.location.rpartition("/")[2]


async def pay(browser: Browser, code: str) -> Answer:
    """Pay at the gateway's page and come back."""
    return await come_back(browser, code, await paid_at_gateway(await order_of(code)))


async def come_back(browser: Browser, code: str, fields: dict[str, str]) -> Answer:
    """What the gateway's page makes the browser send: a post from another site, without cookies."""
    proof = {name: value for name, value in fields.items() if name.startswith("razorpay_")}
    foreign = {"Origin": "http://localhost:1", "Sec-Fetch-Site": "cross-site", "Cookie": ""}
    answer = await browser.client.post(f"/checkout/return?visit={code}", data=proof, headers=foreign)
    return Answer(answer)


async def booked_code(browser: Browser, person: Cast, slot: UUID, doctor: CastDoctor) -> str:
    """A paid visit of `person`, who is signed in afterwards."""
    await browser.signed_in(person)
    code = await held_code(browser, slot, doctor)
    answer = await pay(browser, code)
    assert answer.location == f"/visits/{code}?paid=1"
    return code


async def order_of(code: str) -> str:
    """The gateway's order for what is held."""
    order: str = await fetch_value(
        "SELECT p.razorpay_order_id FROM payments p JOIN appointments a ON a.id = p.appointment_id "
        "WHERE a.code = $1",
        code,
    )
    return order


async def status_of(code: str) -> str:
    """Where an appointment stands in the database."""
    status: str = await fetch_value("SELECT status FROM appointments WHERE code = $1", code)
    return status


async def id_of(code: str) -> UUID:
    """The row id behind a code."""
    appointment: UUID = await fetch_value("SELECT id FROM appointments WHERE code = $1", code)
    return appointment


async def pass_time(**how_long: float) -> datetime:
    """Let time pass for everybody who follows the clock; gives the new time."""
    await set_clock(clock.now() + timedelta(**how_long))
    return clock.now()

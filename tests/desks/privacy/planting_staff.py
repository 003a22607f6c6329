"""A doctor who was let in and an applicant who was turned down, whose every trace can be searched for."""

from datetime import date, timedelta
from uuid import UUID

import httpx

from app import clock
from app.accounts.queries import find_user_by_email
from app.db.engine import fetch_value
from app.directory.queries import get_practice
from app.directory.services import add_service, change_practice, change_profile, invite, reject
from app.scheduling.rules import CalendarException
from app.scheduling.services import add_exception
from tests.accounts.confirmations import code_of
from tests.accounts.uploads import a_photo
from tests.booking.visits import acting
from tests.factories import Cast, a_clinic, an_admin, run_jobs

DOCTOR = {
    "doctor's e-mail": "ornitha.canary@example.com",
    "doctor's phone": "9876509871",
    "doctor's degrees": "MBBS of the Nightingale School",
    "doctor's designation": "Keeper of the Dovecote",
    "doctor's words": "brought up among warblers",
    "doctor's link": "https://video.example.com/dovecote",
    "doctor's leave": "moulting season at home",
    "service's words": "bring your own seeds",
    "service's group": "Plumage and Down",
}
APPLICANT = {
    "applicant": "Wrennabel Rejectova",
    "applicant's e-mail": "wrennabel.canary@example.com",
    "applicant's phone": "9876504321",
    "applicant's degrees": "Bachelor of Twittering",
    "applicant's number": "XX-CUCKOO-77",
    "why not": "nobody there knows this cuckoo",
}
PASSWORD = "a-song-at-dawn-2026"
NAME = "Dr Ornitha Dovecote"
SERVICE = "Feather check"


class PlantedStaff:
    """Both, with the letters about them: to themselves, to an invited address, to administrators."""

    def __init__(self, api: httpx.AsyncClient) -> None:
        self.api = api
        self.doctor = self.applicant = Cast(UUID(int=0), "", "", "doctor")

    async def live(self) -> None:
        """One is invited, lets herself in and describes her practice; the other applies and is refused."""
        admin, clinic = await an_admin(), await a_clinic()
        invitation = await invite(by=acting(admin), email=DOCTOR["doctor's e-mail"], clinic_id=clinic)
        await run_jobs()
        self.doctor = await self._sign_up(
            name=NAME,
            email=DOCTOR["doctor's e-mail"],
            mobile=DOCTOR["doctor's phone"],
            invitation_code=invitation.code,
        )
        await self._practise()
        self.applicant = await self._sign_up(
            name=APPLICANT["applicant"],
            email=APPLICANT["applicant's e-mail"],
            mobile=APPLICANT["applicant's phone"],
            qualifications=APPLICANT["applicant's degrees"],
            registration_number=APPLICANT["applicant's number"],
        )
        await reject(await _doctor_of(self.applicant), why=APPLICANT["why not"], by=acting(admin))
        await run_jobs()

    async def _sign_up(self, **body: str) -> Cast:
        asked = {**body, "password": PASSWORD, "role": "doctor"}
        answer = await self.api.post("/api/auth/signup", json=asked)
        assert answer.status_code == 201, answer.text
        await run_jobs()
        proof = {"email": body["email"], "code": await code_of(body["email"])}
        assert (await self.api.post("/api/auth/verify-email", json=proof)).is_success
        await run_jobs()
        account = await find_user_by_email(body["email"])
        assert account is not None
        return Cast(account.id, account.name, account.email, "doctor", PASSWORD)

    async def _practise(self) -> None:
        by, doctor_id = acting(self.doctor), await _doctor_of(self.doctor)
        practice_id = await fetch_value("SELECT id FROM practices WHERE doctor_id = $1", doctor_id)
        await change_profile(
            doctor_id,
            designation=DOCTOR["doctor's designation"],
            qualifications=DOCTOR["doctor's degrees"],
            registration_number="MH 12345",
            about=DOCTOR["doctor's words"],
            languages=["Hindi"],
            by=by,
        )
        await add_service(
            practice_id,
            name=SERVICE,
            duration_minutes=30,
            fee_paise=50_000,
            by=by,
            description=DOCTOR["service's words"],
            category=DOCTOR["service's group"],
        )
        await change_practice(practice_id, by=by, meeting_link=DOCTOR["doctor's link"])
        leave = _leave(clock.now().date() + timedelta(days=7))
        await add_exception(await get_practice(practice_id), leave, by=by)
        await a_photo(self.doctor)
        await run_jobs()


async def _doctor_of(person: Cast) -> UUID:
    doctor_id: UUID = await fetch_value("SELECT id FROM doctors WHERE user_id = $1", person.id)
    return doctor_id


def _leave(on: date) -> CalendarException:
    return CalendarException("leave", on, on, title=DOCTOR["doctor's leave"])

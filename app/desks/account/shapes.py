"""What programs send and get about an account."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from app.accounts.codes import device_token
from app.accounts.queries import Account
from app.accounts.services import Tokens
from app.directory.queries import find_doctor_of_user


class AcceptedNotice(Struct, kw_only=True):
    """The privacy notice that the program showed, and that the person accepted by an act of their own."""

    version: Annotated[str, Meta(description="as the notice at /privacy says")]
    language: Annotated[str, Meta(description="the language it was read in: en or hi")]


class SignUpBody(Struct, kw_only=True):
    """A new account."""

    name: Annotated[str, Meta(description="1 to 120 characters")]
    email: str
    password: Annotated[str, Meta(description="8 to 128 characters, none of the 3,000 most common")]
    role: Annotated[str, Meta(description="patient or doctor")] = "patient"
    mobile: Annotated[str | None, Meta(description="E.164, or an Indian number of 10 digits")] = None
    invitation_code: Annotated[
        str | None, Meta(description="a doctor's one-time invitation: approved at once")
    ] = None
    specialization: Annotated[
        str | None, Meta(description="a doctor's speciality, a key of the list; else general_medicine")
    ] = None
    registration_number: Annotated[
        str, Meta(description="a doctor's number in the register of the medical council")
    ] = ""
    qualifications: Annotated[str, Meta(description="a doctor's degrees, as MBBS, MD")] = ""
    accepted_notice: Annotated[
        AcceptedNotice | None, Meta(description="left out, the site asks at /me/data")
    ] = None


class LogInBody(Struct):
    """Who, and the proof."""

    identifier: Annotated[str, Meta(description="e-mail address or mobile")]
    password: str
    device_token: Annotated[
        str | None, Meta(description="of an earlier session of this program, which is then known again")
    ] = None


class ConfirmBody(Struct):
    """The code of a second step: of the e-mail, of the authenticator app, or a recovery code."""

    challenge_id: UUID
    code: str
    device_token: Annotated[str | None, Meta(description="where the log-in was sent with one")] = None


class ChallengeAnswer(Struct):
    """The password was right, and a second step is due within ten minutes."""

    challenge_id: str
    kind: Annotated[str, Meta(description="email_code or totp")]


class RefreshBody(Struct):
    """A refresh token; it serves once."""

    refresh_token: str


class MeBody(Struct, kw_only=True):
    """What shall change; what is left out stays."""

    name: str | UnsetType = UNSET
    mobile: Annotated[str | UnsetType | None, Meta(description="null takes the number out")] = UNSET
    language: str | UnsetType = UNSET


class DoctorPart(Struct):
    """What the directory says of a doctor's account."""

    id: str
    approved: Annotated[bool, Meta(description="whether patients can see and book this doctor")]


class UserAnswer(Struct, kw_only=True):
    """An account."""

    id: str
    name: str
    email: str
    mobile: Annotated[str | None, Meta(description="E.164")]
    role: Annotated[str, Meta(description="patient, doctor, reception or admin")]
    email_verified: bool
    language: Annotated[str, Meta(description="ISO 639-1")]
    doctor: Annotated[DoctorPart | UnsetType, Meta(description="only where role is doctor")] = UNSET


class SessionAnswer(Struct, kw_only=True):
    """A session: send the access token as `Authorization: Bearer`, exchange the refresh token in time."""

    user: UserAnswer
    access_token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105 - a word of RFC 6750, no secret
    expires_in: Annotated[int, Meta(description="seconds the access token holds")]
    device_token: Annotated[str, Meta(description="keep it, and send it with the next log-in")]


async def user_answer(account: Account) -> UserAnswer:
    """An account as programs see it, with the directory's part of a doctor."""
    doctor = await find_doctor_of_user(account.id) if account.role == "doctor" else None
    return UserAnswer(
        id=str(account.id),
        name=account.name,
        email=account.email,
        mobile=account.mobile,
        role=account.role,
        email_verified=account.is_verified,
        language=account.language,
        doctor=DoctorPart(str(doctor.id), doctor.is_approved) if doctor else UNSET,
    )


async def session_answer(tokens: Tokens) -> SessionAnswer:
    """A session as programs get it."""
    return SessionAnswer(
        user=await user_answer(tokens.account),
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
        device_token=device_token(tokens.device_id),
    )

"""Signing up, logging in, staying in, and oneself, for programs."""

from dataclasses import asdict
from typing import cast

from litestar import Response, Router, get, patch, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from msgspec import UNSET

from app.accounts import services as accounts
from app.accounts.access import account_of, address_of, device_of, where_of_program
from app.accounts.services import Challenge
from app.desks.account import services
from app.desks.account.shapes import (
    ChallengeAnswer,
    ConfirmBody,
    LogInBody,
    MeBody,
    RefreshBody,
    SessionAnswer,
    SignUpBody,
    UserAnswer,
    session_answer,
    user_answer,
)
from app.web.doors import anyone, signed_in
from app.web.visitor import WebRequest


@post("/auth/signup", guards=[anyone], status_code=201)
async def sign_up(request: WebRequest, data: JSONBody[SignUpBody]) -> SessionAnswer:
    """Make an account; a doctor is seen by patients once an administrator has approved."""
    tokens = await services.sign_up(data, address=address_of(request), device=device_of(request))
    return await session_answer(tokens)


@post(
    "/auth/login",
    guards=[anyone],
    status_code=200,
    responses={202: ResponseSpec(ChallengeAnswer, description="A second step is due")},
)
async def log_in(request: WebRequest, data: JSONBody[LogInBody]) -> Response[SessionAnswer]:
    """Open a session; unknown account and wrong password get the same answer.

    202 with a challenge where a second step is due: confirm it in time.
    """
    where = where_of_program(request, data.device_token)
    entered = await accounts.log_in(data.identifier, data.password, **asdict(where))
    if isinstance(entered, Challenge):
        due = ChallengeAnswer(str(entered.id), entered.kind)
        return cast("Response[SessionAnswer]", Response(due, status_code=202))
    return Response(await session_answer(entered))


@post("/auth/login/confirm", guards=[anyone], status_code=200)
async def confirm_log_in(request: WebRequest, data: JSONBody[ConfirmBody]) -> SessionAnswer:
    """Open the session of a log-in whose second step was due; each challenge takes five tries."""
    where = where_of_program(request, data.device_token)
    return await session_answer(await accounts.confirm_log_in(data.challenge_id, data.code, where=where))


@post("/auth/refresh", guards=[anyone], status_code=200)
async def refresh(data: JSONBody[RefreshBody]) -> SessionAnswer:
    """Exchange a refresh token for a new pair; a spent one ends the session it belongs to."""
    return await session_answer(await accounts.refresh(data.refresh_token))


@get("/me", guards=[signed_in])
async def me(request: WebRequest) -> UserAnswer:
    """The account of this access token."""
    return await user_answer(account_of(request))


@patch("/me", guards=[signed_in])
async def change_me(request: WebRequest, data: JSONBody[MeBody]) -> UserAnswer:
    """Change name, mobile or language."""
    account = account_of(request)
    changed = await accounts.change_profile(
        account,
        name=account.name if data.name is UNSET else data.name,
        mobile=account.mobile if data.mobile is UNSET else data.mobile,
        language=account.language if data.language is UNSET else data.language,
        by=account.actor,
    )
    return await user_answer(changed)


router = Router(
    path="/api",
    route_handlers=[sign_up, log_in, confirm_log_in, refresh, me, change_me],
    opt={"exclude_from_csrf": True},
    include_in_schema=True,
    tags=["Accounts"],
)

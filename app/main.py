"""create_app(): the only file that knows every room."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import ModuleType
from typing import Any

from asyncpg import CharacterNotInRepertoireError, UntranslatableCharacterError
from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware.base import ASGIMiddleware, DefineMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.accounts import api as accounts_api
from app.accounts import jobs as accounts_jobs
from app.accounts import pages as accounts_pages
from app.accounts.middleware import ReadVisitor
from app.checkout import api as checkout_api
from app.checkout import jobs as checkout_jobs
from app.db.clock import follow_clock
from app.db.engine import close_pool, open_pool
from app.desks import doctors_api, payments_api, reviews_api
from app.desks.account import api as account_desk_api
from app.desks.admin import doctors as admin_doctors
from app.desks.admin import doctors_api as admin_doctors_api
from app.desks.admin import invitations as admin_invitations
from app.desks.admin import log_ins as admin_log_ins
from app.desks.admin import reviews as admin_reviews
from app.desks.admin import staff as admin_staff
from app.desks.admin import user_acts as admin_user_acts
from app.desks.admin import users as admin_users
from app.desks.admin import users_api as admin_users_api
from app.desks.appointments import api as appointments_api
from app.desks.appointments import book_api
from app.desks.dev import pages as dev_pages
from app.desks.doctor import appointments as doctor_appointments
from app.desks.doctor import availability as doctor_availability
from app.desks.doctor import booking_rules as doctor_rules
from app.desks.doctor import closing as doctor_closing
from app.desks.doctor import day as doctor_day
from app.desks.doctor import exceptions as doctor_exceptions
from app.desks.doctor import moving as doctor_moving
from app.desks.doctor import profile as doctor_profile
from app.desks.doctor import requests as doctor_requests
from app.desks.doctor import reviews as doctor_reviews
from app.desks.doctor import services as doctor_services
from app.desks.doctor import week as doctor_week
from app.desks.joining import pages as joining_pages
from app.desks.joining import practise as joining_practise
from app.desks.operator import health
from app.desks.operator.api_docs import openapi_config
from app.desks.patient import checkout as patient_checkout
from app.desks.patient import claiming as patient_claiming
from app.desks.patient import doctor as patient_doctor
from app.desks.patient import doctors as patient_doctors
from app.desks.patient import following as patient_following
from app.desks.patient import found as patient_found
from app.desks.patient import live as patient_live
from app.desks.patient import me as patient_me
from app.desks.patient import people as patient_people
from app.desks.patient import reviews as patient_reviews
from app.desks.patient import visits as patient_visits
from app.desks.privacy import jobs as privacy_jobs
from app.desks.privacy import pages as privacy_pages
from app.desks.privacy import unproved as privacy_unproved
from app.directory import jobs as directory_jobs
from app.directory import listeners as directory_listeners
from app.errors import DomainError
from app.jobs import tidying
from app.jobs.worker import run_worker
from app.notifications import account_listeners, joining_listeners, log_in_listeners, standing_listeners
from app.notifications import listeners as notifications_listeners
from app.notifications import new_days as notifications_new_days
from app.notifications import privacy_listeners as notifications_privacy
from app.payments import jobs as payments_jobs
from app.payments.gateway import csp_hosts
from app.scheduling import jobs as scheduling_jobs
from app.scheduling import listeners as scheduling_listeners
from app.settings import settings
from app.web.cors import share
from app.web.errors import on_bug, on_http_error, on_misdirected, on_refusal, on_unstorable_text
from app.web.forms import LONGEST_BODY
from app.web.hosts import KnownHost, Misdirected, under_our_name
from app.web.limiting import Limited
from app.web.live import Hub
from app.web.pace import SamePace
from app.web.proxies import seen_through
from app.web.reading import ReadableRequest
from app.web.render import assets
from app.web.security import FormToken, SameOrigin, csrf_config, secure

log = logging.getLogger(__name__)

PAGES: list[ModuleType] = [
    accounts_pages,
    joining_pages,
    joining_practise,
    patient_doctors,
    patient_live,
    patient_doctor,
    patient_following,
    patient_found,
    patient_me,
    patient_people,
    patient_claiming,
    patient_checkout,
    patient_visits,
    patient_reviews,
    doctor_day,
    doctor_appointments,
    doctor_moving,
    doctor_requests,
    doctor_availability,
    doctor_closing,
    doctor_week,
    doctor_exceptions,
    doctor_rules,
    doctor_profile,
    doctor_services,
    doctor_reviews,
    admin_users,
    admin_user_acts,
    admin_staff,
    admin_log_ins,
    admin_doctors,
    admin_invitations,
    admin_reviews,
    privacy_pages,
    dev_pages,
    health,
]
API: list[ModuleType] = [
    accounts_api,
    account_desk_api,
    doctors_api,
    appointments_api,
    book_api,
    reviews_api,
    payments_api,
    admin_users_api,
    admin_doctors_api,
    checkout_api,
]
LISTENING: list[ModuleType] = [
    tidying,
    accounts_jobs,
    notifications_listeners,
    log_in_listeners,
    account_listeners,
    standing_listeners,
    joining_listeners,
    notifications_new_days,
    notifications_privacy,
    privacy_jobs,
    privacy_unproved,
    checkout_jobs,
    payments_jobs,
    directory_jobs,
    directory_listeners,
    scheduling_jobs,
    scheduling_listeners,
]
"""Imported so that their listeners, tasks and schedules are registered, in web and worker alike."""


class FollowClock(ASGIMiddleware):
    """Outside production each request first looks whether a test has moved the clock."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        await follow_clock()
        await next_app(scope, receive, send)


class House(Litestar):
    """Litestar, sure of who calls by which name; it answers HEAD wherever it answers GET (RFC 9110, 9.3.2)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        if scope["type"] == ScopeType.HTTP:
            scope = under_our_name(seen_through(scope, settings().trusted_proxies))
        if scope.get("method") == "HEAD":
            scope = {**scope, "method": "GET"}  # type: ignore[assignment]
            send = _without_body(send)
        await super().__call__(scope, receive, send)


def _without_body(send: Send) -> Send:
    """Complete an answer after its headers, so that one without an end, a stream, is over too."""

    async def send_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return send_headers


@asynccontextmanager
async def _connected(_app: Litestar) -> AsyncIterator[None]:
    await open_pool()
    try:
        yield
    finally:
        await close_pool()


@asynccontextmanager
async def _live(app: Litestar) -> AsyncIterator[None]:
    """Open pages hear what happens, until the process is asked to end."""
    hub: Hub = app.state.live
    listening = asyncio.create_task(hub.listen())
    listening.add_done_callback(_tell_of_deafness)
    try:
        with hub.closed_by_signals():
            yield
    finally:
        hub.close()
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


def _tell_of_deafness(listening: asyncio.Task[None]) -> None:
    """Pages stay as fresh as their load without it, so its end would else be noticed by nobody."""
    if not listening.cancelled() and (bug := listening.exception()) is not None:
        log.critical("the live connection ended, no page is told anything any more", exc_info=bug)


@asynccontextmanager
async def _working(_app: Litestar) -> AsyncIterator[None]:
    """The worker inside the web process, where one process does everything."""
    stop = asyncio.Event()
    work = asyncio.create_task(run_worker(stop))
    work.add_done_callback(_tell_of_bug)
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(work, timeout=5)


def _tell_of_bug(work: asyncio.Task[None]) -> None:
    """Requests are answered without a worker too, so its end would else be noticed by nobody."""
    if not work.cancelled() and (bug := work.exception()) is not None:
        log.critical("the worker ended, no job is done any more", exc_info=bug)


def create_app() -> Litestar:
    """Put the house together: rooms, doors, refusals, headers, background work."""
    routers: list[Any] = [room.router for room in PAGES]
    programs = Router(
        "/",
        route_handlers=[room.router for room in API],
        include_in_schema=True,
        opt={"exclude_from_csrf": True},
    )
    return House(
        route_handlers=[*routers, programs, assets().handler()],
        lifespan=[_connected, _live, *([_working] if settings().worker_in_web else [])],
        middleware=[
            SamePace(),
            KnownHost(),
            *([] if settings().is_production else [FollowClock()]),
            DefineMiddleware(FormToken, config=csrf_config()),
            SameOrigin(),
            ReadVisitor(),
            Limited(),
        ],
        exception_handlers={
            DomainError: on_refusal,
            Misdirected: on_misdirected,
            HTTPException: on_http_error,
            CharacterNotInRepertoireError: on_unstorable_text,
            UntranslatableCharacterError: on_unstorable_text,  # as the one above, inside JSON
            Exception: on_bug,
        },
        compression_config=CompressionConfig(
            backend="brotli", brotli_quality=5, exclude_opt_key="no_compression"
        ),
        before_send=[secure, share],
        request_class=ReadableRequest,
        request_max_body_size=LONGEST_BODY,
        state=State({"gateway_hosts": csp_hosts(), "live": Hub()}),
        include_in_schema=False,
        openapi_config=openapi_config(),
        logging_config=None,  # the process has set its log up; the framework's would speak otherwise
        debug=False,
    )

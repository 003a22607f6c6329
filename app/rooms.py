"""Every room's pages, API calls, and what listens or works by the clock: the one list of all of them."""

from types import ModuleType

from app.accounts import api as accounts_api
from app.accounts import jobs as accounts_jobs
from app.accounts import pages as accounts_pages
from app.checkout import api as checkout_api
from app.checkout import jobs as checkout_jobs
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
from app.jobs import tidying
from app.notifications import account_listeners, joining_listeners, log_in_listeners, standing_listeners
from app.notifications import listeners as notifications_listeners
from app.notifications import new_days as notifications_new_days
from app.notifications import privacy_listeners as notifications_privacy
from app.payments import jobs as payments_jobs
from app.scheduling import jobs as scheduling_jobs
from app.scheduling import listeners as scheduling_listeners

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

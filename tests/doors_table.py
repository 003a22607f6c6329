"""Who may enter: every route of the app, in words, and what a request to it looks like.

`test_doors` compares this table with the app's own routes, so a route cannot be added in silence.
In paths and bodies `$name` stands for what the scene of `doors_scene` calls so; `about` names the thing
a call reaches, which is not there for those it does not belong to.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

ANYONE = "anyone"
SIGNED_IN = "signed in"
PATIENTS = "roles: patient"
CONFIRMED = "confirmed e-mail, roles: patient"
APPLICANTS = "confirmed e-mail, roles: patient, doctor"
CONFIRMED_ANYBODY = "confirmed e-mail, roles: patient, doctor, reception, admin"
DOCTORS = "roles: doctor"
CLINIC = "roles: doctor, reception"
STAFF = "roles: doctor, reception, admin"
ADMINS = "roles: admin"
GATEWAY = "whoever holds the gateway's secret"
THIS_MACHINE = "this machine, outside production"
OPEN_DOORS = frozenset({ANYONE, GATEWAY, THIS_MACHINE})

CAST = {
    "nobody": "",
    "a blocked patient": "",
    "a blocked doctor": "",
    "a blocked administrator": "",
    "a patient without confirmed e-mail": "patient",
    "the patient": "patient",
    "another patient": "patient",
    "the doctor": "doctor",
    "another doctor of the clinic": "doctor",
    "a doctor of another clinic": "doctor",
    "a doctor without a practice": "doctor",
    "reception of the clinic": "reception",
    "reception of another clinic": "reception",
    "an administrator": "admin",
}
"""Everybody who knocks, with the role their session has; blocked is as good as not signed in, and an account
that is being erased is blocked."""

VISITS = ("held", "paid", "asked", "pending")
THINGS: dict[str, tuple[str, ...]] = {
    "visit": VISITS,
    "own visit": VISITS,
    "paid visit": ("paid",),
    "person": ("child",),
    "device": ("phone",),
    "copy": ("own",),
    "review": ("reviewed",),
    "reviewed visit": ("reviewed",),
    "own reviewed visit": ("reviewed",),
    "time": ("free",),
    "practice": ("own",),
    "closing": ("own",),
    "leave": ("own",),
    "service": ("own",),
}
"""What calls are about, and in which states each is tried."""

BELONGS_TO: dict[str, set[str]] = {
    "copy": {"the patient"},
    "visit": {"the patient", "the doctor", "reception of the clinic", "an administrator"},
    "own visit": {"the patient"},
    "own reviewed visit": {"the patient"},
    "person": {"the patient"},
    "device": {"the patient"},
    "time": {"the doctor"},
    "leave": {"the doctor"},
    "service": {"the doctor"},
    "practice": {"the doctor", "another doctor of the clinic", "a doctor of another clinic"},
    "closing": {"the doctor"},
}
BELONGS_TO["paid visit"] = BELONGS_TO["visit"]
BELONGS_TO["reviewed visit"] = BELONGS_TO["visit"]
BELONGS_TO["review"] = {"the doctor"}

ALLOWED = "let in"
SIGNED_OUT = "asked to log in"
CONFIRM_FIRST = "asked to confirm the e-mail address"
WRONG_ROLE = "told that the role may not"
NOT_THERE = "told that there is no such thing"


@dataclass(frozen=True)
class Door:
    """One route: what is called, who may enter, and how; `asks` names what its address may carry."""

    call: str
    who: str
    about: str = ""
    send: Mapping[str, object] | str = field(default_factory=dict)
    query: str = ""
    asks: str = ""
    not_there: tuple[str, ...] = ()
    always: str = ""

    @property
    def method(self) -> str:
        return self.call.split()[0]

    @property
    def path(self) -> str:
        return self.call.split()[1]

    @property
    def is_safe(self) -> bool:
        return self.method in ("GET", "HEAD", "OPTIONS")

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api")

    @property
    def is_page(self) -> bool:
        """Whether a browser is answered, with pages and redirects."""
        return not self.path.startswith(("/api", "/health", "/dev/c", "/static"))

    @property
    def is_staff_page(self) -> bool:
        return re.match(r"/(doctor|appointments|admin)(/|$)", self.path) is not None

    @property
    def parameters(self) -> list[str]:
        """The names in the path, with their kinds: `code:str`."""
        return re.findall(r"{([^}]+)}", self.path)

    @property
    def insider(self) -> str:
        """Somebody whom the door lets in to whatever it is about."""
        return next((who for who in CAST if self._opens_to(who)), "nobody")

    def _opens_to(self, who: str) -> bool:
        return self.answer_to(who, "paid") == ALLOWED

    def answer_to(self, who: str, state: str) -> str:
        """What somebody must hear who calls it, about a thing in a state."""
        role = CAST[who]
        if self.always:
            return self.always
        if self.who not in OPEN_DOORS:
            if not role:
                return SIGNED_OUT
            if ":" in self.who and role not in self.who.partition(": ")[2].split(", "):
                return WRONG_ROLE
            if self.who.startswith("confirmed") and who == "a patient without confirmed e-mail":
                return CONFIRM_FIRST
            if self.about and who not in BELONGS_TO[self.about]:
                return NOT_THERE
        return NOT_THERE if state in self.not_there else ALLOWED


NOTE = {"note": "Please come a little earlier."}
REASON = {"reason": "I am travelling that day."}
WISH = {"wish": "Any evening", "note": "I work until five."}
PERSON = {"name": "Ravi Rao", "relation": "child", "birth_year": "2015", "sex": "male", "mobile": ""}
SIGN_UP = {"name": "New Person", "email": "new@example.com", "password": "a-long-secret-7", "mobile": ""}
ACCEPTED = {"notice": "y"}
SECOND_STEP = {"password": "$password", "code": "000000"}
APPLICATION = {"specialization": "ent", "registration_number": "MH 7", "qualifications": "MS (ENT)"}
LOG_IN = {"identifier": "$email", "password": "$password"}
NEW_STAFF = {"name": "New Desk", "email": "desk@example.com", "role": "reception", "clinic": "$clinic"}
NEW_TIMES = {"date": "$day", "time_slots": "17:00, 17:30", "duration_minutes": "30"}
NEW_WEEK = {
    "sessions-0-weekday": "0",
    "sessions-0-starts": "17:00",
    "sessions-0-ends": "18:00",
    "sessions-0-slot_minutes": "30",
    "sessions-0-gap_minutes": "5",
    "sessions-0-breaks": "17:30-17:40",
    "version": "0",
    "act": "save",
}
NEW_LEAVE = {
    "kind": "leave",
    "first_on": "$late_day",
    "last_on": "",
    "starts": "",
    "ends": "",
    "title": "Away",
}
PROFILE = {
    "designation": "Consultant",
    "qualifications": "MBBS",
    "registration_number": "MH 1",
    "about": "Listens.",
    "languages": ["English", "Hindi"],
    "meeting_link": "https://meet.example/meera",
}
SERVICE = {
    "name": "Follow-up",
    "description": "",
    "category": "",
    "duration_minutes": "15",
    "fee_paise": "300",
    "mode": "in_person",
}
NEW_RULES = {"lead_minutes": "60", "calendar_days": "90", "walk_in_percent": "10"}
BOOKING = {"slot_id": "$time", "service_id": "$service", "person_id": "$person", "pay_with": "razorpay"}
REVIEW = {"stars": "4", "text": "Listened well."}
ANSWER = {"answer": "Thank you."}
WHY = {"why": "It is not about a visit."}
BY_ID = "/api/appointments/{appointment_id:uuid}"

DOORS = [
    # coming in
    Door("GET /login", ANYONE, asks="next"),
    Door("POST /login", ANYONE, send=LOG_IN),
    Door("GET /login/confirm", ANYONE, always=SIGNED_OUT),
    Door("POST /login/confirm", ANYONE, send={"code": "000000"}, always=SIGNED_OUT),
    Door("POST /login/confirm/again", ANYONE, always=SIGNED_OUT),
    Door("POST /login/confirm/over", ANYONE, always=SIGNED_OUT),
    Door("GET /login/trust", ANYONE),
    Door("POST /login/trust", ANYONE, send={"identifier": "$email"}),
    Door("GET /login/trust/sent", ANYONE),
    Door("GET /login/trust/{token:str}", ANYONE),
    Door("POST /login/trust/{token:str}", ANYONE),
    Door("POST /logout", ANYONE),
    Door("GET /signup", ANYONE, asks="next"),
    Door("POST /signup", ANYONE, send=SIGN_UP | ACCEPTED),
    Door("GET /verify", ANYONE, asks="next"),
    Door("POST /verify", ANYONE, send={"code": "000000"}),
    Door("POST /verify/again", ANYONE),
    Door("GET /verify/{token:str}", ANYONE, always=NOT_THERE),
    Door("POST /verify/{token:str}", ANYONE),
    Door("GET /login/forgot", ANYONE, asks="next"),
    Door("POST /login/forgot", ANYONE, send={"email": "$email"}),
    Door("GET /login/forgot/sent", ANYONE),
    Door("GET /login/reset/{token:str}", ANYONE, always=NOT_THERE),
    Door("POST /login/reset/{token:str}", ANYONE, send={"password": "a-long-secret-8"}),
    # becoming a doctor
    Door("GET /join", ANYONE),
    Door("GET /join/doctor", ANYONE),
    Door("POST /join/doctor", ANYONE, send={**SIGN_UP, **ACCEPTED, **APPLICATION}),
    Door("GET /join/invitation", ANYONE, asks="code"),
    Door("POST /join/invitation", ANYONE, send={**APPLICATION, "invitation_code": "2222-3333-4444"}),
    Door("GET /me/practise", APPLICANTS),
    Door("POST /me/practise", APPLICANTS, send=APPLICATION),
    # oneself
    Door("GET /me/password", SIGNED_IN),
    Door("POST /me/password", SIGNED_IN, send={"current": "$password", "password": "a-long-secret-8"}),
    Door("GET /me/email", SIGNED_IN),
    Door("POST /me/email", SIGNED_IN, send={"email": "new@example.com", "password": "$password"}),
    Door("GET /me/email/code", SIGNED_IN),
    Door("POST /me/email/code", SIGNED_IN, send={"code": "000000"}),
    Door("GET /me/email/{token:str}", SIGNED_IN, not_there=("",)),
    Door("POST /me/email/{token:str}", SIGNED_IN),
    Door("GET /me", SIGNED_IN),
    Door("POST /me", SIGNED_IN, send={"name": "Somebody Else", "mobile": "", "language": "en"}),
    Door("GET /me/people", SIGNED_IN, asks="next"),
    Door("POST /me/people", SIGNED_IN, send=PERSON),
    Door("GET /me/people/{person_id:uuid}", SIGNED_IN, about="person"),
    Door("POST /me/people/{person_id:uuid}", SIGNED_IN, about="person", send=PERSON),
    Door("GET /me/people/{person_id:uuid}/remove", SIGNED_IN, about="person"),
    Door("POST /me/people/{person_id:uuid}/remove", SIGNED_IN, about="person"),
    Door("POST /me/people/{person_id:uuid}/back", SIGNED_IN, about="person"),
    Door("GET /me/people/claim", CONFIRMED),
    Door("POST /me/people/claim", CONFIRMED, send={"code": "$slip"}),
    Door("POST /me/people/claim/join", CONFIRMED, send={"code": "$slip", "relation": "parent"}),
    Door("GET /me/photo", SIGNED_IN, asks="next"),
    Door("POST /me/photo", SIGNED_IN, send={"next": "/me"}),
    Door("GET /me/photo/remove", SIGNED_IN, asks="next"),
    Door("POST /me/photo/remove", SIGNED_IN, send={"next": "/me"}),
    Door("GET /photos/{key:str}/{size:str}", ANYONE),
    # who comes in as oneself
    Door("GET /me/security", SIGNED_IN),
    Door("GET /me/security/devices", SIGNED_IN),
    Door("GET /me/security/devices/{device_id:uuid}/end", SIGNED_IN, about="device"),
    Door("POST /me/security/devices/{device_id:uuid}/end", SIGNED_IN, about="device"),
    Door("GET /me/security/devices/end-others", SIGNED_IN),
    Door("POST /me/security/devices/end-others", SIGNED_IN),
    Door("GET /me/security/log-ins", SIGNED_IN, asks="page"),
    Door("GET /me/security/second-step", STAFF),
    Door("POST /me/security/second-step", STAFF, send={"password": "$password"}),
    Door("GET /me/security/second-step/confirm", STAFF),
    Door("POST /me/security/second-step/confirm", STAFF, send={"key_id": "$time", "code": "000000"}),
    Door("GET /me/security/second-step/codes", STAFF),
    Door("POST /me/security/second-step/codes", STAFF, send=SECOND_STEP),
    Door("GET /me/security/second-step/off", STAFF),
    Door("POST /me/security/second-step/off", STAFF, send=SECOND_STEP),
    # privacy
    Door("GET /privacy", ANYONE, asks="language"),
    Door("GET /me/data", SIGNED_IN),
    Door("POST /me/data/notice", SIGNED_IN, send={"version": "1", "language": "en"}),
    Door("POST /me/data/copy", SIGNED_IN, send={"password": "$password"}),
    Door("GET /me/data/copy/{copy_id:uuid}", SIGNED_IN, about="copy"),
    Door("GET /me/data/erase", SIGNED_IN),
    Door("POST /me/data/erase", SIGNED_IN, send={"password": "not this one", "sure": "y"}),
    # choosing
    Door("GET /", ANYONE),
    Door("GET /doctors", ANYONE, asks="q speciality city language fee day sort page"),
    Door("GET /doctors/{slug:str}", ANYONE, asks="day service"),
    Door("GET /doctors/{slug:str}/live", ANYONE, asks="since"),
    Door("GET /doctors/{slug:str}/slots", ANYONE, query="day=$day&service=$service", asks="day service"),
    Door("GET /doctors/{slug:str}/follow", PATIENTS),
    Door("POST /doctors/{slug:str}/follow", PATIENTS),
    Door("POST /doctors/{slug:str}/unfollow", PATIENTS, send={"then": "mine"}),
    Door("GET /me/doctors", PATIENTS),
    Door("GET /robots.txt", ANYONE),
    Door("GET /sitemap.xml", ANYONE),
    # holding and paying
    Door("GET /checkout/new", CONFIRMED, query="slot=$time&service=$service", asks="slot service"),
    Door(
        "POST /checkout",
        CONFIRMED,
        about="person",
        send={"slot": "$time", "service": "$service", "person": "$person", **REASON},
    ),
    Door("GET /checkout/{code:str}", SIGNED_IN, about="own visit", asks="payment"),
    Door("POST /checkout/{code:str}/order", SIGNED_IN, about="own visit"),
    Door(
        "POST /checkout/{code:str}/details",
        SIGNED_IN,
        about="own visit",
        send={"person": "$person", **REASON},
    ),
    Door("POST /checkout/{code:str}/extend", SIGNED_IN, about="own visit"),
    Door("POST /checkout/{code:str}/release", SIGNED_IN, about="own visit", send={"then": "choose"}),
    Door("GET /checkout/return", GATEWAY, query="visit=$code", asks="visit"),
    Door("POST /checkout/return", GATEWAY, query="visit=$code", send={"error[code]": "BAD_REQUEST_ERROR"}),
    # a patient's visits
    Door("GET /visits", SIGNED_IN, asks="page"),
    Door("GET /visits/{code:str}", SIGNED_IN, about="own visit", asks="paid"),
    Door("GET /visits/{code:str}/calendar.ics", SIGNED_IN, about="own visit", not_there=("held",)),
    Door("GET /visits/{code:str}/cancel", SIGNED_IN, about="own visit"),
    Door("POST /visits/{code:str}/cancel", SIGNED_IN, about="own visit", send=REASON),
    Door("GET /visits/{code:str}/another-time", SIGNED_IN, about="own visit"),
    Door("POST /visits/{code:str}/another-time", SIGNED_IN, about="own visit", send=WISH),
    Door("POST /visits/{code:str}/another-time/withdraw", SIGNED_IN, about="own visit"),
    # what is said of it
    Door("GET /visits/{code:str}/review", SIGNED_IN, about="own reviewed visit"),
    Door("POST /visits/{code:str}/review", SIGNED_IN, about="own reviewed visit", send=REVIEW),
    Door("GET /doctors/{slug:str}/reviews", ANYONE, asks="page"),
    Door("GET /reviews/{review_id:uuid}/report", CONFIRMED_ANYBODY),
    Door("POST /reviews/{review_id:uuid}/report", CONFIRMED_ANYBODY, send=WHY),
    Door("GET /doctor/reviews", DOCTORS, asks="show page"),
    Door("POST /doctor/reviews/{review_id:uuid}/answer", DOCTORS, about="review", send=ANSWER),
    Door("POST /doctor/reviews/{review_id:uuid}/answer/take-back", DOCTORS, about="review"),
    Door("POST /doctor/reviews/{review_id:uuid}/report", DOCTORS, about="review", send=WHY),
    Door("GET /admin/users", ADMINS, asks="q role state page"),
    Door("GET /admin/users/{user_id:uuid}", ADMINS, asks="page"),
    Door("GET /admin/users/{user_id:uuid}/block", ADMINS),
    Door("POST /admin/users/{user_id:uuid}/block", ADMINS, send=REASON),
    Door("POST /admin/users/{user_id:uuid}/unblock", ADMINS),
    Door("GET /admin/users/{user_id:uuid}/log-out", ADMINS),
    Door("POST /admin/users/{user_id:uuid}/log-out", ADMINS),
    Door("POST /admin/users/{user_id:uuid}/send-password-letter", ADMINS),
    Door("GET /admin/users/{user_id:uuid}/second-step", ADMINS),
    Door("POST /admin/users/{user_id:uuid}/second-step", ADMINS),
    Door("GET /admin/staff", ADMINS),
    Door("GET /admin/staff/add", ADMINS),
    Door("POST /admin/staff/add", ADMINS, send=NEW_STAFF),
    Door("GET /admin/staff/{user_id:uuid}", ADMINS, asks="role clinic"),
    Door("POST /admin/staff/{user_id:uuid}", ADMINS, send={"role": "reception", "clinic": "$clinic"}),
    Door("GET /admin/staff/{user_id:uuid}/remove", ADMINS),
    Door("POST /admin/staff/{user_id:uuid}/remove", ADMINS),
    Door("GET /admin/log-ins", ADMINS, asks="q result address day page"),
    Door("GET /admin/doctors", ADMINS, asks="state q page"),
    Door("GET /admin/doctors/add", ADMINS),
    Door(
        "POST /admin/doctors/add",
        ADMINS,
        send={"name": "Dr Nila", "email": "nila@example.com", **APPLICATION, "clinic_id": "$clinic"},
    ),
    Door("GET /admin/doctors/{doctor_id:uuid}", ADMINS),
    Door("POST /admin/doctors/{doctor_id:uuid}/approve", ADMINS, send={"clinic_id": "$clinic"}),
    Door("POST /admin/doctors/{doctor_id:uuid}/reject", ADMINS, send=REASON),
    Door("POST /admin/doctors/{doctor_id:uuid}/practice", ADMINS, send={"clinic_id": "$clinic"}),
    Door("GET /admin/invitations", ADMINS, asks="page"),
    Door("POST /admin/invitations", ADMINS, send={"email": "", "clinic_id": "$clinic"}),
    Door("GET /admin/invitations/{invitation_id:uuid}/withdraw", ADMINS),
    Door("POST /admin/invitations/{invitation_id:uuid}/withdraw", ADMINS),
    Door("GET /admin/reviews", ADMINS, asks="show page"),
    Door("POST /admin/reviews/{review_id:uuid}/keep", ADMINS),
    Door("POST /admin/reviews/{review_id:uuid}/show-again", ADMINS, asks="show"),
    Door("POST /admin/reviews/{review_id:uuid}/hide", ADMINS),
    # the clinic
    Door("GET /doctor", DOCTORS),
    Door("GET /appointments", STAFF, asks="first last status page"),
    Door("GET /appointments/{code:str}", STAFF, about="visit"),
    Door("GET /appointments/{code:str}/complete", STAFF, about="visit", asks="back"),
    Door("POST /appointments/{code:str}/complete", STAFF, about="visit", send={"back": "day"}),
    Door("POST /appointments/{code:str}/no-show", STAFF, about="visit"),
    Door("POST /appointments/{code:str}/approve", CLINIC, about="visit", send=NOTE),
    Door("POST /appointments/{code:str}/decline", CLINIC, about="visit", send=NOTE),
    Door("GET /appointments/{code:str}/cancel", STAFF, about="visit"),
    Door("POST /appointments/{code:str}/cancel", STAFF, about="visit", send=REASON),
    Door("GET /appointments/{code:str}/reschedule", STAFF, about="visit", query="day=$day", asks="day"),
    Door(
        "POST /appointments/{code:str}/reschedule",
        STAFF,
        about="visit",
        send={"slot": "$time", "day": "$day", **NOTE},
    ),
    Door("GET /doctor/requests", DOCTORS),
    Door("POST /doctor/requests/{code:str}/accept", DOCTORS, about="visit", send={"slot": "$time"}),
    Door("POST /doctor/requests/{code:str}/decline", STAFF, about="visit", send=NOTE),
    Door("GET /doctor/availability", DOCTORS, query="day=$day", asks="day"),
    Door("POST /doctor/availability", DOCTORS, about="practice", send=NEW_TIMES),
    Door("POST /doctor/availability/{slot_id:uuid}/remove", DOCTORS, about="time"),
    Door("GET /doctor/profile", DOCTORS),
    Door("POST /doctor/profile", DOCTORS, send=PROFILE),
    Door("GET /doctor/services", DOCTORS),
    Door("GET /doctor/services/new", DOCTORS, about="practice"),
    Door("POST /doctor/services/new", DOCTORS, about="practice", send=SERVICE),
    Door("GET /doctor/services/{service_id:uuid}", DOCTORS, about="service"),
    Door("POST /doctor/services/{service_id:uuid}", DOCTORS, about="service", send=SERVICE),
    Door("POST /doctor/services/{service_id:uuid}/move", DOCTORS, about="service", send={"way": "up"}),
    Door("GET /doctor/services/{service_id:uuid}/retire", DOCTORS, about="service"),
    Door("POST /doctor/services/{service_id:uuid}/retire", DOCTORS, about="service"),
    Door("GET /doctor/week", DOCTORS),
    Door("POST /doctor/week", DOCTORS, about="practice", send=NEW_WEEK),
    Door("GET /doctor/exceptions", DOCTORS, query="kind=leave&day=$day", asks="kind day"),
    Door("POST /doctor/exceptions", DOCTORS, about="practice", send=NEW_LEAVE),
    Door("GET /doctor/exceptions/{exception_id:uuid}/end", DOCTORS, about="leave"),
    Door("POST /doctor/exceptions/{exception_id:uuid}/end", DOCTORS, about="leave"),
    Door("GET /doctor/rules", DOCTORS),
    Door("POST /doctor/rules", DOCTORS, about="practice", send=NEW_RULES),
    Door("GET /doctor/closings", DOCTORS),
    Door("GET /doctor/closings/{closing_id:uuid}", DOCTORS, about="closing"),
    Door("GET /doctor/closings/{closing_id:uuid}/progress", DOCTORS, about="closing"),
    Door("POST /doctor/closings/count", DOCTORS, send={"closing-visit-AAAA2222": "cancel"}),
    # whoever runs it
    Door("GET /dev/mail", THIS_MACHINE),
    Door("GET /dev/mail/{mail_id:str}/html", THIS_MACHINE),
    Door("GET /dev/clock", THIS_MACHINE),
    Door("PUT /dev/clock", THIS_MACHINE, send={"at": None}),
    Door("GET /dev/config", THIS_MACHINE),
    Door("GET /health/live", ANYONE),
    Door("GET /health/ready", ANYONE),
    Door("GET /static/{name:path}", ANYONE, asks="v"),
    Door("HEAD /static/{name:path}", ANYONE),
    # programs
    Door("POST /api/auth/signup", ANYONE, send={**SIGN_UP, "mobile": None}),
    Door("POST /api/auth/login", ANYONE, send=LOG_IN),
    Door(
        "POST /api/auth/login/confirm",
        ANYONE,
        send={"challenge_id": "$time", "code": "000000"},
        always=SIGNED_OUT,
    ),
    Door("POST /api/auth/refresh", ANYONE, send={"refresh_token": "nobody's"}, always=SIGNED_OUT),
    Door("POST /api/auth/logout", SIGNED_IN),
    Door("POST /api/auth/verify-email", ANYONE, send={"email": "$email", "code": "000000"}),
    Door("POST /api/auth/forgot-password", ANYONE, send={"email": "$email"}),
    Door("POST /api/auth/reset-password", ANYONE, send={"token": "$token", "password": "a-long-secret-8"}),
    Door("GET /api/me", SIGNED_IN),
    Door("PATCH /api/me", SIGNED_IN, send={"name": "Somebody Else"}),
    Door("GET /api/me/people", SIGNED_IN, asks="page page_size"),
    Door("POST /api/me/people", SIGNED_IN, send={"name": "Ravi Rao", "relation": "child"}),
    Door("GET /api/doctors", ANYONE, asks="page page_size q specialization city language max_fee date sort"),
    Door("GET /api/doctors/{doctor_id:uuid}", ANYONE),
    Door("PUT /api/doctors/{doctor_id:uuid}/follow", PATIENTS),
    Door("DELETE /api/doctors/{doctor_id:uuid}/follow", PATIENTS),
    Door("GET /api/doctors/{doctor_id:uuid}/services", ANYONE),
    Door(
        "GET /api/availability", ANYONE, query="doctor_id=$doctor&date=$day", asks="doctor_id date service_id"
    ),
    Door(
        "POST /api/availability/add",
        DOCTORS,
        about="practice",
        send={"date": "$day", "time_slots": ["17:00", "17:30"], "duration_minutes": 30},
    ),
    Door("DELETE /api/availability/{slot_id:uuid}", DOCTORS, about="time"),
    Door("POST /api/appointments/book", CONFIRMED, about="person", send=BOOKING),
    Door("GET /api/appointments", SIGNED_IN, asks="page page_size status from to doctor_id"),
    Door(f"GET {BY_ID}", SIGNED_IN, about="visit"),
    Door(f"PATCH {BY_ID}/reschedule", STAFF, about="visit", send={"slot_id": "$time", **NOTE}),
    Door(f"POST {BY_ID}/reschedule-request", PATIENTS, about="visit", send=WISH),
    Door(f"DELETE {BY_ID}/cancel", SIGNED_IN, about="visit", send=REASON),
    Door(f"PATCH {BY_ID}/approve", CLINIC, about="visit", send=NOTE),
    Door(f"PATCH {BY_ID}/decline", CLINIC, about="visit", send=NOTE),
    Door(f"PATCH {BY_ID}/complete", STAFF, about="visit"),
    Door(f"PATCH {BY_ID}/no-show", STAFF, about="visit"),
    Door(f"POST {BY_ID}/review", PATIENTS, about="visit", send={**REVIEW, "stars": 4}),
    Door(f"PATCH {BY_ID}/review", PATIENTS, about="reviewed visit", send={**REVIEW, "stars": 4}),
    Door("GET /api/doctors/{doctor_id:uuid}/reviews", ANYONE, asks="page page_size"),
    Door("POST /api/payment/create-order", PATIENTS, about="visit", send={"appointment_id": "$visit"}),
    Door("POST /api/payment/verify", PATIENTS, about="paid visit", send="$proof"),
    Door("POST /api/admin/users/{user_id:uuid}/block", ADMINS, send=REASON),
    Door("POST /api/admin/users/{user_id:uuid}/unblock", ADMINS),
    Door("GET /api/admin/doctors/pending", ADMINS, asks="page page_size"),
    Door("POST /api/admin/doctors/{doctor_id:uuid}/approve", ADMINS, send={"clinic_id": "$clinic"}),
    Door("POST /api/admin/doctors/{doctor_id:uuid}/reject", ADMINS, send=REASON),
    Door("POST /api/admin/invitations", ADMINS, send={"clinic_id": "$clinic"}),
    Door("GET /api/admin/audit", ADMINS, asks="from to name by subject page page_size"),
    Door("POST /api/payment/refund", ADMINS, about="visit", send={"appointment_id": "$visit"}),
    Door("POST /api/payment/webhook", GATEWAY, send={"event": "payment.captured"}, always=SIGNED_OUT),
    Door("GET /api/schema", ANYONE),
    Door("GET /api/schema/openapi.json", ANYONE),
    Door("GET /api/schema/{path:str}", ANYONE, always=NOT_THERE),
]

NEED_NO_TOKEN = {
    "POST /checkout/return": "the gateway's page sends it, signed; it reads no cookie and signs nobody in",
    "PUT /dev/clock": "for tests, by loopback in development; no page of another site can send PUT",
}
"""Unsafe calls outside /api that carry no CSRF token, and why. Those of /api carry a bearer token instead,
or, where anybody may call, nothing that a browser adds by itself; the webhook is signed."""

STRANGE_FIELDS = {
    "role": "admin",
    "is_verified": "1",
    "email_verified": "1",
    "email_verified_at": "2020-01-01T00:00:00Z",
    "approved": "1",
    "approved_at": "2020-01-01T00:00:00Z",
    "status": "completed",
    "amount_paise": "100",
    "fee_paise": "100",
    "account_id": "$somebody",
    "booked_by_id": "$somebody",
    "payer_id": "$somebody",
    "user_id": "$somebody",
    "doctor_id": "$their_doctor",
    "practice_id": "$their_doctor",
}
"""What no form of ours has, added to each in the hope that somebody listens."""

TAKES_ANY_TOKEN = {
    "GET /verify/{token:str}",
    "POST /verify/{token:str}",
    "GET /login/trust/{token:str}",
    "POST /login/trust/{token:str}",
}
"""A letter's link opens a page with a button, whatever it carries; pressing it says what is wrong."""

OWN_POLICY = {"GET /dev/mail/{mail_id:str}/html"}
"""Calls whose policy lets styles stand in the document: mails bring theirs, and are boxed in instead."""

STORED_BY_BROWSERS = ("GET /static/", "HEAD /static/", "GET /photos/")
"""Calls whose answers are the same for everybody and may be kept."""

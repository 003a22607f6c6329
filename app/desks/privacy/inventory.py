"""Where data about people stands: every table of the database, in an export or with the reason why not.

A test compares this with the database, so that a new table cannot be forgotten.
"""

EXPORTED = {
    "users": ("users",),
    "persons": ("persons",),
    "consents": ("consents",),
    "sessions": ("sessions",),
    "known_devices": ("known_devices",),
    "log_in_tries": ("log_in_tries",),
    "log_in_challenges": ("log_in_challenges",),
    "totp_keys": ("totp_keys",),
    "recovery_codes": ("recovery_codes",),
    "email_confirmations": ("email_confirmations",),
    "photos": ("photos",),
    "exports": ("exports",),
    "idempotency_keys": ("idempotency_keys",),
    "doctors": ("doctors",),
    "practices": ("practices",),
    "services": ("services",),
    "staff": ("staff",),
    "follows": ("follows",),
    "invitations": ("invitations",),
    "pending_applications": ("pending_applications",),
    "weekly_sessions": ("weekly_sessions",),
    "session_breaks": ("session_breaks",),
    "calendar_exceptions": ("calendar_exceptions",),
    "appointments": ("appointments",),
    "reschedule_requests": ("reschedule_requests",),
    "displaced_visits": ("displaced_visits",),
    "closings": ("closings",),
    "payments": ("payments",),
    "captures": ("captures",),
    "refunds": ("refunds",),
    "webhook_deliveries": ("webhook_deliveries",),
    "reviews": ("reviews", "review_answers"),
    "review_reports": ("review_reports",),
    "letters": ("letters",),
    "events": ("events",),
    "event_private": ("event_private",),
}
"""Tables with rows of a person, and the parts of the export they go to."""

WITHHELD = {
    "refresh_tokens": "Hashes of random signs that keep a session open; the sessions are included.",
    "pending_sign_ups": "What somebody typed who has not proved to own the address: perhaps not you.",
    "erasures": "Written when an account is erased; then there is nobody left to take a copy.",
    "limits": "Counts of tries under a hash that leads back to nobody.",
    "clinics": "A clinic's own address and policies.",
    "slots": "Times on offer, made from the working week that is included.",
    "calendars": "How far ahead a practice's times are made.",
    "listings": "A copy of what a doctor's page says, for the search.",
    "token_counters": "The last number a practice gave out on a day.",
    "follower_looks": "When a practice's followers were last told of new days.",
    "clock_shift": "By how much tests move the clock.",
    "migration": "Which versions the database has been through.",
    "applied_sql": "Which versions the database has been through.",
    "pgqueuer": "Work that waits, named by ids.",
    "pgqueuer_log": "Steps of finished work, kept for a week.",
    "pgqueuer_schedules": "When recurring work was done last.",
}
"""Tables that are in no export, and why; these reasons stand in the export too."""

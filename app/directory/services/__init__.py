"""Changing the directory: who practises where, what they offer, who follows whom, who can be found."""

from app.directory.services.applying import (
    Particulars,
    apply_again,
    apply_as_doctor,
    approve,
    practise_at,
    reject,
)
from app.directory.services.clinics import (
    add_clinic,
    add_practice,
    change_clinic,
    change_practice,
    join_staff,
)
from app.directory.services.doctors import change_profile, rate
from app.directory.services.following import follow, unfollow
from app.directory.services.invitations import (
    MadeInvitation,
    OpenInvitation,
    check_addressee,
    invite,
    read_invitation,
    use_invitation,
    withdraw_invitation,
)
from app.directory.services.listing import relist, relist_stale
from app.directory.services.offers import (
    add_service,
    change_service,
    keep_service,
    move_service,
    retire_service,
)
from app.directory.services.pending import count_application, keep_application, tidy_applications

__all__ = [
    "MadeInvitation",
    "OpenInvitation",
    "Particulars",
    "add_clinic",
    "add_practice",
    "add_service",
    "apply_again",
    "apply_as_doctor",
    "approve",
    "change_clinic",
    "change_practice",
    "change_profile",
    "change_service",
    "check_addressee",
    "count_application",
    "follow",
    "invite",
    "join_staff",
    "keep_application",
    "keep_service",
    "move_service",
    "practise_at",
    "rate",
    "read_invitation",
    "reject",
    "relist",
    "relist_stale",
    "retire_service",
    "tidy_applications",
    "unfollow",
    "use_invitation",
    "withdraw_invitation",
]

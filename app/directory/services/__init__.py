"""Changing the directory: who practises where, what they offer, who follows whom, who can be found."""

from app.directory.services.clinics import (
    add_clinic,
    add_practice,
    change_clinic,
    change_practice,
    join_staff,
)
from app.directory.services.doctors import apply_as_doctor, approve, change_profile, rate
from app.directory.services.following import follow, unfollow
from app.directory.services.listing import relist, relist_stale
from app.directory.services.offers import (
    add_service,
    change_service,
    keep_service,
    move_service,
    retire_service,
)

__all__ = [
    "add_clinic",
    "add_practice",
    "add_service",
    "apply_as_doctor",
    "approve",
    "change_clinic",
    "change_practice",
    "change_profile",
    "change_service",
    "follow",
    "join_staff",
    "keep_service",
    "move_service",
    "rate",
    "relist",
    "relist_stale",
    "retire_service",
    "unfollow",
]

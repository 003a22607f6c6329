"""What machines are told of us: the site map, the rules for robots, what a page is about."""

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from litestar import Response, Router, get

from app.directory.queries import Doctor, Practice, Service, listed_slugs
from app.directory.rules import speciality_name
from app.money import rupees
from app.settings import settings
from app.web.doors import anyone
from app.web.i18n import gettext
from app.web.render import address, assets
from app.web.visitor import WebRequest

NOT_FOR_ROBOTS = (
    "/api/",
    "/appointments",
    "/checkout",
    "/dev/",
    "/doctor$",
    "/doctor/",
    "/doctors/*/live",
    "/doctors/*/slots",
    "/login",
    "/me",
    "/signup",
    "/verify",
    "/visits",
)
"""Beginnings of paths, `*` for anything and `$` for the end (RFC 9309, 2.2.3): what is somebody's own, and
the days of all calendars."""


def whole(path: str) -> str:
    """The address of one of our paths as others call it."""
    return settings().base_url + path


@get("/robots.txt", name="robots", guards=[anyone])
async def robots(request: WebRequest) -> Response[str]:
    """What robots need not look at, and where the site map is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
    lines += ["", f"Sitemap: {whole(address(request, 'sitemap'))}", ""]
    return Response("\n".join(lines), media_type="text/plain")


@get("/sitemap.xml", name="sitemap", guards=[anyone])
async def sitemap(request: WebRequest) -> Response[str]:
    """Every page worth finding: the first one, the list of doctors, each doctor."""
    paths = [address(request, "home"), address(request, "doctors.list")]
    paths += [address(request, "doctors.show", slug=slug) for slug in await listed_slugs()]
    entries = "".join(f"<url><loc>{escape(whole(path))}</loc></url>\n" for path in paths)
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    )
    return Response(f"{head}\n{entries}</urlset>\n", media_type="application/xml")


def picture_of(request: WebRequest, practice: Practice | None = None) -> str:
    """The picture that goes with a link: the doctor's photo, else the one of the house."""
    if practice is not None and practice.photo_key:
        return whole(address(request, "photos.show", key=practice.photo_key, size="256.webp"))
    return whole(assets().url("preview.png"))


def about_doctor(
    request: WebRequest, practice: Practice, doctor: Doctor, services: Sequence[Service]
) -> dict[str, Any]:
    """A doctor in the words of schema.org, for machines that read the page (Physician, MedicalClinic)."""
    page_of_doctor = whole(address(request, "doctors.show", slug=practice.doctor_slug))
    place = {
        "@type": "PostalAddress",
        "streetAddress": practice.clinic_address,
        "addressLocality": practice.clinic_city,
        "postalCode": practice.clinic_pincode,
        "addressCountry": "IN",
    }
    clinic = {"@type": "MedicalClinic", "name": practice.clinic_name, "telephone": practice.clinic_phone}
    about: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Physician",
        "@id": page_of_doctor,
        "url": page_of_doctor,
        "name": practice.doctor_name,
        "image": picture_of(request, practice),
        "medicalSpecialty": gettext(speciality_name(practice.speciality)),
        "telephone": practice.clinic_phone,
        "address": place,
        "parentOrganization": {**clinic, "address": place},
    }
    if doctor.languages:
        about["knowsLanguage"] = list(doctor.languages)
    if fees := sorted({service.fee_paise for service in services}):
        about["priceRange"] = " – ".join(rupees(fee) for fee in dict.fromkeys((fees[0], fees[-1])))
    if practice.rating is not None:
        about["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": practice.rating,
            "reviewCount": practice.reviews_count,
        }
    return about


router = Router("/", route_handlers=[robots, sitemap])

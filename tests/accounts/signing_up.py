"""What somebody types who signs up."""

ASHA = {
    "name": "Asha Rao",
    "email": "Asha@Example.com",
    "mobile": "98765 43210",
    "password": "a calm green river",
    "notice": "y",
    "next": "/doctors",
}

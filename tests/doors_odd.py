"""Odd things to come with: ids that are none, texts no form expects, bodies that cannot be read."""

ODD_IDS = {
    "nothing but a space": "%20",
    "NUL": "%00",
    "a code with NUL": "ABCD%00EF",
    "line breaks": "a%0d%0aSet-Cookie:%20x=y",
    "very long": "A" * 4000,
    "Devanagari": "%E0%A4%AA%E0%A4%B0%E0%A5%8D%E0%A4%9A%E0%A5%80",
    "Devanagari digits": "%E0%A5%A7%E0%A5%A8%E0%A5%A9",
    "no UTF-8": "%ff%fe",
    "half a surrogate": "%ED%A0%80",
    "up": "%2e%2e",
    "up and away": "..%2f..%2fetc%2fpasswd",
    "SQL": "'%20OR%201=1--",
    "markup": "%3Cscript%3E",
    "a format": "%25s%7B0%7D",
    "nobody's id": "00000000-0000-4000-8000-000000000000",
    "a bent id": "%7B00000000-0000-4000-8000-000000000000%7D",
}
"""As they are spelled in a path."""

ODD_TEXTS = {
    "NUL": "a\x00b",
    "nothing": "",
    "very long": "x" * 20_000,
    "control signs": "\x07\x1b[31m\u202e\u2028",
    "Devanagari digits": "१२३",
    "an enormous number": "9" * 400,
    "a negative number": "-1",
    "the end of time": "9999-12-31",
    "the beginning of time": "0001-01-01",
    "not a number": "NaN",
    "half a surrogate": "\ud800",
    "nobody's id": "00000000-0000-4000-8000-000000000000",
}

ODD_BODIES: dict[str, tuple[str, bytes]] = {
    "nothing": ("application/json", b""),
    "no JSON": ("application/json", b"{"),
    "a list": ("application/json", b"[]"),
    "null": ("application/json", b"null"),
    "deep JSON": ("application/json", b"[" * 30_000),
    "JSON that is no UTF-8": ("application/json", b'{"name": "\xff\xfe"}'),
    "a broken form": ("application/x-www-form-urlencoded", b"a=%ff&=&&%zz"),
    "parts without a boundary": ("multipart/form-data", b"--x\r\n\r\n"),
    "parts that do not end": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data\r\n\r\nx",
    ),
    "a file as the token": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="_csrf_token"; filename="a"\r\n\r\nx\r\n--x--\r\n',
    ),
    "a part that is no UTF-8": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="next"\r\n\r\n\xff\xfe\r\n--x--\r\n',
    ),
    "a part in letters nobody knows": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="next"\r\nContent-Type: text/plain; charset=nothing\r\n'
        b"\r\nx\r\n--x--\r\n",
    ),
    "plain text": ("text/plain", b'{"name": "x"}'),
    "an unknown kind": ("x/y; charset=nothing", b"\x00"),
    "more than we read": ("application/json", b" " * 70_000),
}
"""Each with what it says it is."""

"""How we speak HTTP: pages and parts, refusals, forms, doors, cookies, limits, languages.

Refuses to know any room, and who a visitor is beyond a small protocol.
"""

"""How we reach PostgreSQL: engine, transactions, migrations, the embedded server.

Refuses to know what any table means.
"""

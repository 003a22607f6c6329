"""Money on its way through the gateway: orders, captures, refunds, signed messages.

Refuses to know doctors, times and names; an appointment is only an id it was opened for.
"""

"""When a practice offers times: the week a doctor works, its exceptions, and slots made from it or typed.

Refuses to know who booked them; what is free is known by booking alone.
"""

"""When a practice offers times: slots, cut from what a doctor says about a day.

Refuses to know who booked them; what is free is known by booking alone.
"""

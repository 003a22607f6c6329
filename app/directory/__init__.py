"""Who practises where: clinics, doctors, practices, services, staff.

Refuses to know when anybody has time, and what was booked or paid.
"""

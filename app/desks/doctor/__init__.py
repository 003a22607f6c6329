"""What a doctor sees and does: the day, the visits, the times on offer.

Refuses to show anything of another doctor's practice.
"""

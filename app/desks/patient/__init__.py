"""What patients, and anybody who is not signed in, see and do.

Refuses to show anything of the clinic's own side.
"""

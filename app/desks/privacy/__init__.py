"""The privacy of an account: the notice, a copy to take along, erasure; over all rooms.

Refuses to know what a room keeps: each says so itself in its `personal.py`.
"""

"""Becoming a doctor here: applying, using an invitation, and hearing what became of it.

Refuses to decide who is let in: that is an administrator's, or an invitation's.
"""

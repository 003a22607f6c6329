"""Joins booking and payments into one conversation: hold, pay, settle, cancel with refund, time running out.

Refuses to keep anything of its own: it has no tables.
"""

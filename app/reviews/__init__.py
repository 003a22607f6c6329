"""What patients say of a doctor after a completed visit, and what becomes of it.

Refuses to know money, and how a visit came about.
"""

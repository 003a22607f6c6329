"""Accounts for programs where a doctor's part of the directory belongs to the answer.

Refuses to decide anything: it joins what accounts and the directory decide.
"""

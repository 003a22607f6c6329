"""Turns events into letters and sees to it that each reaches its reader once, however long the mail is down.

Refuses to be called: nobody below knows that letters exist; it listens.
"""

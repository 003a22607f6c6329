"""What happened: an append-only log written in the same transaction as the change, and its listeners.

Refuses to know what follows from an event.
"""

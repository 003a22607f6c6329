"""Background work: enqueued inside a transaction, retried with growing delay, run by the worker.

Refuses to know what the work is about.
"""

"""One person's claim on a time, and its life: holds, codes, tokens, moves, requests for another time.

The only room that knows what is free. Refuses to know how anything is paid, and never refunds.
"""

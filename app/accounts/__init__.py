"""Who a person is: sign-up, log-in, sessions and tokens, confirmed addresses, the people one books for.

Refuses to know doctors, visits and money, and how letters are written or sent.
"""

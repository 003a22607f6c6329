"""For development and tests: the local mailbox, the test clock, the sandbox's keys. Never in production."""

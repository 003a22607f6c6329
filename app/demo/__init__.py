"""Made-up people to try the house with: the small demo clinic, and whole cities for measuring.

Refused in production: everybody here has one public password.
"""

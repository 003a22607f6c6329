"""Pages and API calls that join several rooms, one folder for each audience. Has no tables.

Refuses to decide anything: it asks the rooms and shows what they answer.
"""

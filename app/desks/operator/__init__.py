"""What whoever runs the installation asks of it: is it alive, is it ready, how do programs talk to it.

Refuses to show anything about people or visits.
"""

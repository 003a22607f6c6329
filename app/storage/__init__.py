"""Files that are kept outside the database, on this machine or in an S3-compatible store.

Refuses to know what is in them and who may see them.
"""

"""Razorpay's clickable twin on this machine: its paths, shapes, errors, signatures, webhooks and checkout.

A small process of its own, started as ``python -m app.payments.sandbox``. It refuses to know the clinic: it
imports nothing of the app and is spoken to over HTTP alone, as Razorpay is.
"""

"""Appointments for programs: booking, payments and checkout joined in one JSON object."""

"""Parchi: appointments for clinics, from finding a doctor to the slip in the hand."""

"""Measurements, run by hand: `.venv/bin/python -m bench.<name>`. Figures are ratios or plans, never tests."""

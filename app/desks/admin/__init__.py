"""Pages of whoever runs the platform."""

"""Migrations of the database tables, applied when the service starts."""

"""Conventus runs the congress cycle of an organisation with many levels."""

__version__ = "0.1.0"

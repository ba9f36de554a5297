"""Checks an exported evidence bundle of a ballot alone; shares no code with what it checks."""

from verifier.check import Report, verify

__all__ = ["Report", "verify"]

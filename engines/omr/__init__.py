"""Optical mark reading: prints ballots, reads their scans, and says when it is not sure."""

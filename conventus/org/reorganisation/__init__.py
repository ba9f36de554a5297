"""Reorganisation: a plan read, judged, carried out as a whole, and taken back as a whole."""

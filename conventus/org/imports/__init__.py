"""Imports of units and people: a file is read, judged row by row, reported, and written in one go or not at all."""

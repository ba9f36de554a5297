"""Forms of the room; they check shape only."""

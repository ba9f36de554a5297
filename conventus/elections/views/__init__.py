"""Pages of the elections."""

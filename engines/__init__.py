"""Heavy pure work without Django; each engine is usable alone."""

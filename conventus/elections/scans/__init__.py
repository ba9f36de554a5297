"""What lies on disk of a stack of scans: its folder, the engine that reads it, the scanners that fill it. No rows."""

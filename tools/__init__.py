"""What sets the project up and tests it; used by the Makefile only."""

"""Figures as ratios to a peer or a physical limit timed in the same run; `make bench` prints them."""

"""Tests of the elections through actions and the Django client."""

"""The sample worlds: built by calling actions, the same for `conventus demo` and for the tests."""

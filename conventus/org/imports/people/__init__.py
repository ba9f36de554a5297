"""People from a file: the person, the membership and at most one post of each row."""

from conventus.org.imports.people.judge import plan_people
from conventus.org.imports.people.write import write_people

__all__ = ["plan_people", "write_people"]

"""Django's handle on the room."""

from django.apps import AppConfig


class DirectivesConfig(AppConfig):
    """See docs/map.md."""

    name = "conventus.directives"
    label = "directives"

    def ready(self) -> None:
        """Name the shape of the room's table in a rule pack; listen to what units do."""
        from conventus.core.packs import register_law
        from conventus.directives import jobs  # noqa: F401
        from conventus.directives.affected import duties_of_units
        from conventus.directives.rules import Law
        from conventus.org.hooks import AFFECTED

        register_law("directives", Law)
        if duties_of_units not in AFFECTED:
            AFFECTED.append(duties_of_units)

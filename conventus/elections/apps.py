"""Django's handle on the room."""

from django.apps import AppConfig


class ElectionsConfig(AppConfig):
    """See docs/map.md."""

    name = "conventus.elections"
    label = "elections"

    def ready(self) -> None:
        """Name the shape of the room's table in a rule pack."""
        from conventus.elections.rules import Law
        from conventus.core.packs import register_law

        register_law("elections", Law)

"""Django's handle on the room."""

from django.apps import AppConfig


class CycleConfig(AppConfig):
    """See docs/map.md."""

    name = "conventus.cycle"
    label = "cycle"

    def ready(self) -> None:
        """Name the shape of the room's table in a rule pack."""
        from conventus.cycle.rules import Law
        from conventus.core.packs import register_law

        register_law("cycle", Law)

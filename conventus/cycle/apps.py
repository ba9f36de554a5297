"""Django's handle on the room."""

from django.apps import AppConfig


class CycleConfig(AppConfig):
    """See docs/map.md."""

    name = "conventus.cycle"
    label = "cycle"

    def ready(self) -> None:
        """Name the shape of the room's table in a rule pack; load its reactions."""
        from conventus.core.packs import register_law
        from conventus.cycle import jobs  # noqa: F401
        from conventus.cycle.rules import Law

        register_law("cycle", Law)

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
        from conventus.cycle.affected import congresses_of_units
        from conventus.cycle.rules import Law
        from conventus.org.hooks import AFFECTED

        register_law("cycle", Law)
        if congresses_of_units not in AFFECTED:
            AFFECTED.append(congresses_of_units)

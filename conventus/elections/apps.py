"""Django's handle on the room."""

from django.apps import AppConfig


class ElectionsConfig(AppConfig):
    """See docs/map.md."""

    name = "conventus.elections"
    label = "elections"

    def ready(self) -> None:
        """Name the shape of the room's table in a rule pack; hang into what rooms below ask."""
        from conventus.core.packs import register_law
        from conventus.elections import jobs  # noqa: F401
        from conventus.elections.rules import Law

        register_law("elections", Law)

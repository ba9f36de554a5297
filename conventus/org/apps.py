"""Django's handle on the room."""

from django.apps import AppConfig


class OrgConfig(AppConfig):
    """See docs/map.md."""

    name = "conventus.org"
    label = "org"

    def ready(self) -> None:
        """Name the shape of the room's table in a rule pack, and the room's kinds of job."""
        from conventus.core.packs import register_law
        from conventus.org import jobs  # noqa: F401
        from conventus.org.rules import Law

        register_law("org", Law)

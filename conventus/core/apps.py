"""Django's handle on the room."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Accounts, grants, the action door, the minute book, live, jobs, packs, languages, base pages."""

    name = "conventus.core"
    label = "core"

"""Django's handle on the room."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """My desk, search, and the pages that look into several rooms."""

    name = "conventus.portal"
    label = "portal"

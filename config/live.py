"""The event stream: one small process of bare ASGI beside the pages."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from conventus.core.live import application  # noqa: E402  (models must be loaded first)

__all__ = ["application"]

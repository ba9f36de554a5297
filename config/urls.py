"""Every address of the site, room by room."""

from django.urls import include, path

from conventus.core.views import set_language

urlpatterns = [
    path("language", set_language, name="set_language"),
    path("", include("conventus.portal.urls")),
    path("", include("conventus.core.urls")),
    path("units/", include("conventus.org.urls")),
    path("documents/", include("conventus.directives.urls")),
    path("congresses/", include("conventus.cycle.urls")),
    path("elections/", include("conventus.elections.urls")),
    path("account/", include("allauth.urls")),
]

"""Addresses of the portal: my desk, search, live passes."""

from django.urls import path

from conventus.portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("search", views.search, name="search"),
    path("live-pass", views.live_pass, name="live_pass"),
]

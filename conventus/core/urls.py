"""Addresses of the core: preferences, rules, the minute book, jobs."""

from django.urls import path

from conventus.core import views

app_name = "core"
urlpatterns = [
    path("preferences", views.preferences, name="preferences"),
    path("rules", views.rules, name="rules"),
    path("book", views.book, name="book"),
    path("book/<int:seq>", views.entry, name="entry"),
    path("jobs/<int:pk>", views.job, name="job"),
    path("jobs/<int:pk>/stop", views.stop_job, name="stop_job"),
]

"""Addresses of the room, below /units/."""

from django.urls import path

from conventus.org.views import access, imports, people, posts, units

app_name = "org"
urlpatterns = [
    path("", units.units, name="units"),
    path("<int:pk>", units.unit, name="unit"),
    path("<int:pk>/found", units.found_unit, name="found_unit"),
    path("<int:pk>/change", units.change_unit, name="change_unit"),
    path("<int:pk>/people", people.people, name="people"),
    path("<int:pk>/people/enrol", people.enrol, name="enrol"),
    path("people/<int:pk>", people.person, name="person"),
    path("people/<int:pk>/change", people.change, name="change_person"),
    path("people/<int:pk>/transfer", people.transfer, name="transfer"),
    path("people/<int:pk>/kind", people.change_kind, name="change_kind"),
    path("people/<int:pk>/end", people.part, name="end_membership"),
    path("people/<int:pk>/back", people.take_back, name="take_back"),
    path("<int:pk>/posts/fill", posts.appoint, name="appoint"),
    path("posts/<int:pk>/end", posts.end, name="end_holding"),
    path("<int:pk>/import/<str:kind>", imports.begin, name="import"),
    path("imports/<str:kind>.<str:ending>", imports.template, name="import_template"),
    path("imports/<str:token>", imports.report, name="import_report"),
    path("imports/<str:token>/rejects", imports.rejects, name="import_rejects"),
    path("imports/<str:token>/confirm", imports.confirm, name="import_confirm"),
    path("imports/<str:token>/discard", imports.discard, name="import_discard"),
    path("<int:pk>/access", access.access, name="access"),
    path("<int:pk>/access/give", access.give, name="give_grant"),
    path("<int:pk>/access/account", access.open_account, name="open_account"),
    path("access/<int:pk>/end", access.end, name="end_grant"),
]

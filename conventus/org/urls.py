"""Addresses of the room, below /units/."""

from django.urls import path

from conventus.org.views import access, imports, past, people, planning, plans, posts, units

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
    path("past", past.past, name="past"),
    path("past.csv", past.past_export, name="past_export"),
    path("plans", plans.plans, name="plans"),
    path("<int:pk>/plans/new", plans.draft_plan, name="draft_plan"),
    path("plans/<int:pk>", plans.plan, name="plan"),
    path("plans/<int:pk>/units", plans.plan_units, name="plan_units"),
    path("plans/<int:pk>/change", plans.change_plan, name="change_plan"),
    path("plans/<int:pk>/add/<str:kind>", planning.add_to_plan, name="add_to_plan"),
    path("plans/<int:pk>/files", planning.bring_plan, name="bring_plan"),
    path("plans/<int:pk>/remove", planning.remove_from_plan, name="remove_from_plan"),
    path("plans/<int:pk>/place/<int:unit>", planning.place_members, name="place_members"),
    path("plans/<int:pk>/wait", planning.let_plan_wait, name="let_plan_wait"),
    path("plans/<int:pk>/apply", planning.apply_plan, name="apply_plan"),
    path("plans/<int:pk>/undo", planning.undo_plan, name="undo_plan"),
    path("plans/<int:pk>/drop", planning.drop_plan, name="drop_plan"),
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

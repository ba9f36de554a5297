"""Addresses of the room."""

from django.urls import path

from conventus.directives.views import documents, obligations, plans

app_name = "directives"
urlpatterns = [
    path("", documents.documents, name="documents"),
    path("issuers", documents.issuers, name="issuers"),
    path("units/<int:pk>/new", documents.register, name="register"),
    path("<int:pk>", documents.document, name="document"),
    path("<int:pk>/change", documents.change, name="change"),
    path("<int:pk>/file", documents.file, name="file"),
    path("<int:pk>/link", documents.link, name="link"),
    path("<int:pk>/unlink", documents.unlink, name="unlink"),
    path("<int:pk>/withdraw", documents.withdraw, name="withdraw"),
    path("<int:pk>/tasks/new", plans.add_item, name="add_item"),
    path("<int:pk>/tasks/<int:item>", plans.change_item, name="change_item"),
    path("<int:pk>/tasks/<int:item>/remove", plans.remove_item, name="remove_item"),
    path("<int:pk>/cascade", plans.cascade, name="cascade"),
    path("<int:pk>/force", plans.put_in_force, name="put_in_force"),
    path("<int:pk>/extend", plans.extend, name="extend"),
    path("obligations", obligations.obligations, name="obligations"),
    path("obligations/weeks", obligations.weeks, name="weeks"),
    path("obligations/<int:pk>", obligations.obligation, name="obligation"),
    path("obligations/<int:pk>/fulfil", obligations.fulfil, name="fulfil"),
    path("obligations/<int:pk>/reopen", obligations.reopen, name="reopen"),
]

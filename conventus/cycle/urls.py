"""Addresses of the room."""

from django.urls import path

from conventus.cycle import views

app_name = "cycle"
urlpatterns = [
    path("", views.cycles, name="cycles"),
    path("cycles/open", views.open_cycle, name="open_cycle"),
    path("cycles/<int:pk>", views.cycle, name="cycle"),
    path("cycles/<int:pk>/generate", views.generate, name="generate"),
    path("cycles/<int:pk>/dates", views.dating, name="dating"),
    path("appraisals", views.appraisals, name="appraisals"),
    path("calendar", views.calendar, name="calendar"),
    path("feeds", views.feeds, name="feeds"),
    path("feeds/<int:pk>/revoke", views.revoke_feed, name="revoke_feed"),
    path("feed/<str:token>.ics", views.feed, name="feed"),
    path("<int:pk>", views.congress, name="congress"),
    path("<int:pk>/date", views.set_date, name="set_date"),
    path("<int:pk>/date/withdraw", views.withdraw_date, name="withdraw_date"),
    path("<int:pk>/submit", views.submit, name="submit"),
    path("<int:pk>/return", views.return_with_findings, name="return_with_findings"),
    path("<int:pk>/approve", views.approve, name="approve"),
    path("<int:pk>/open", views.open_congress, name="open_congress"),
    path("<int:pk>/close", views.close_congress, name="close_congress"),
    path("<int:pk>/file", views.file_result, name="file_result"),
    path("<int:pk>/recognise", views.recognise, name="recognise"),
    path("<int:pk>/send-back", views.send_back, name="send_back"),
    path("<int:pk>/papers", views.add_paper, name="add_paper"),
    path("milestones/<int:pk>/report", views.report_milestone, name="report_milestone"),
    path("milestones/<int:pk>/undo", views.undo_report, name="undo_report"),
    path("papers/<int:pk>", views.paper, name="paper"),
    path("papers/<int:pk>/withdraw", views.withdraw_paper, name="withdraw_paper"),
    path("reviews/<int:pk>.<str:kind>", views.review_paper, name="review_paper"),
]

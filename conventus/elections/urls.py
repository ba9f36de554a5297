"""Addresses of the room."""

from django.urls import path

from conventus.elections.views import ballots, contests, count, results

app_name = "elections"
urlpatterns = [
    path("congress/<int:pk>", contests.contests_of, name="contests_of"),
    path("congress/<int:pk>/board", contests.board, name="board"),
    path("congress/<int:pk>/new", contests.open_contest, name="open_contest"),
    path("<int:pk>", contests.contest, name="contest"),
    path("<int:pk>/change", contests.change_contest, name="change_contest"),
    path("<int:pk>/candidates", contests.add_candidate, name="add_candidate"),
    path("candidates/<int:pk>/withdraw", contests.withdraw_candidate, name="withdraw_candidate"),
    path("<int:pk>/close", contests.close_list, name="close_list"),
    path("<int:pk>/poster", contests.poster, name="poster"),
    path("<int:pk>/ballot", ballots.prepare_ballot, name="prepare_ballot"),
    path("<int:pk>/decide", results.decide, name="decide"),
    path("<int:pk>/lot", results.draw_lot, name="draw_lot"),
    path("ballots/<int:pk>", ballots.ballot, name="ballot"),
    path("ballots/<int:pk>/electorate", ballots.electorate, name="electorate"),
    path("ballots/<int:pk>/issue", ballots.issue, name="issue"),
    path("ballots/<int:pk>/count", count.enter_count, name="enter_count"),
    path("ballots/<int:pk>/compare", count.compare, name="compare"),
    path("ballots/<int:pk>/repeat", count.repeat_count, name="repeat_count"),
    path("ballots/<int:pk>/accept", results.accept_warning, name="accept_warning"),
    path("ballots/<int:pk>/declare", results.declare_result, name="declare"),
    path("ballots/<int:pk>/result", results.result, name="result"),
    path("ballots/<int:pk>/record.<str:kind>", results.record, name="record"),
]

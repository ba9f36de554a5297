"""Pages that look into several rooms: my desk, search, live passes."""

from django.http import HttpRequest, HttpResponse, JsonResponse


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def search(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def live_pass(request: HttpRequest) -> JsonResponse:
    return JsonResponse({})

"""What surrounds every request: its memory, the account's language, and refusals answered as pages."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import SELF
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from conventus.core import live
from conventus.core.memo import remembering
from conventus.core.models import User
from conventus.core.rules import Refusal
from conventus.core.words import shown

Answer = Callable[[HttpRequest], HttpResponse]


class Remembering:
    """Keeps what a request has looked up until it is answered."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request inside its own memory."""
        with remembering():
            return self.answer(request)


class OwnLanguage:
    """Uses the language that the account chose, over the browser's."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the account's language, if it has one."""
        user = request.user
        if not (isinstance(user, User) and user.language):
            return self.answer(request)
        with translation.override(user.language):
            request.LANGUAGE_CODE = user.language
            response = self.answer(request)
        response.headers["Content-Language"] = user.language
        return response


class Refused:
    """Turns a refusal that no view has caught into a page that names the rule: 403 without the right, else 422."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; the work is done in `process_exception`."""
        return self.answer(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """The page for a `Refusal`; anything else is left to Django."""
        if not isinstance(fault, Refusal):
            return None
        status = 403 if fault.code == "core.not_permitted" else 422
        htmx = bool(request.headers.get("HX-Request"))
        template = "core/refused_fragment.html" if htmx else "core/refused.html"
        context = {"refusals": shown(fault), "back": request.headers.get("Referer", "")}
        return render(request, template, context, status=status)


class LiveSource:
    """Lets pages connect to the event stream, which answers on another port: adds it to the content policy."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, naming the stream's address in `connect-src`."""
        response = self.answer(request)
        stream = live.address(request.scheme or "http", request.get_host())
        response._csp_update = {"connect-src": [SELF, stream]}  # type: ignore[attr-defined]
        return response

"""Calendar subscriptions: addresses that show an account's congresses to its calendar program."""

from __future__ import annotations

import hashlib
import secrets

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.cycle.models import CalendarFeed
from conventus.org.models import Unit

refusal_texts(
    "cycle",
    {
        "feed_of_another": N_("Only the person who made a subscription can end it."),
        "feed_revoked": N_("This subscription has been ended already."),
    },
)


def digest_of(token: str) -> str:
    """What is kept of a secret: its SHA-256."""
    return hashlib.sha256(token.encode("ascii", "replace")).hexdigest()


@action("cycle.view")
def make_feed(actor: User, unit: Unit) -> tuple[CalendarFeed, str]:
    """Make a subscription address for `unit` and what is below; the secret in it is returned once and not kept."""
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(user=actor, unit=unit, digest=digest_of(token), made_at=clock.now())
    note(feed=feed.pk)
    return feed, token


@action("cycle.view")
def revoke_feed(actor: User, feed: CalendarFeed) -> CalendarFeed:
    """End a subscription: its address shows nothing any more."""
    if feed.user_id != actor.pk:
        raise Refusal("cycle.feed_of_another")
    if feed.revoked_at:
        raise Refusal("cycle.feed_revoked")
    feed.revoked_at = clock.now()
    feed.save()
    return feed

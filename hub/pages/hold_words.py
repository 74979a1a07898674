"""Says in words what is held, why, and what mends it: the same on a card of the page Holds and at the command line."""

from __future__ import annotations

from hub.pages.i18n import N_, NN_, Speaker
from hub.pages.labels import label
from hub.pages.said import said
from hub.reports.holds import Cause
from hub.reports.order_facts import HoldFact

LONGEST = 40
"""Characters of what a channel wrote, in a title."""
_ORDERS = {
    "unknown_sku": NN_(
        "%(num)s order waits: SKU “%(what)s” is unknown on %(shop)s",
        "%(num)s orders wait: SKU “%(what)s” is unknown on %(shop)s",
    ),
    "not_whole": NN_(
        "%(num)s order waits: %(what)s is not a whole number of units on %(shop)s",
        "%(num)s orders wait: %(what)s is not a whole number of units on %(shop)s",
    ),
    "presale": NN_(
        "%(num)s order waits: %(what)s is kept for presale until %(day)s",
        "%(num)s orders wait: %(what)s is kept for presale until %(day)s",
    ),
    "short": NN_("%(num)s order waits for stock of %(what)s", "%(num)s orders wait for stock of %(what)s"),
    "backorder": NN_(
        "%(num)s order waits: %(what)s was sold ahead of the stock",
        "%(num)s orders wait: %(what)s was sold ahead of the stock",
    ),
}
_MESSAGES = {
    "file": NN_("%(num)s file of %(shop)s could not be read", "%(num)s files of %(shop)s could not be read"),
    "refund": NN_(
        "%(num)s refund waits: cannot read %(what)s on %(shop)s",
        "%(num)s refunds wait: cannot read %(what)s on %(shop)s",
    ),
    "bad_record": NN_(
        "%(num)s message waits: cannot read %(what)s on %(shop)s",
        "%(num)s messages wait: cannot read %(what)s on %(shop)s",
    ),
    "crashed": NN_(
        "%(num)s message failed in our code (%(what)s)", "%(num)s messages failed in our code (%(what)s)"
    ),
    "package_fault": NN_(
        "%(num)s message of %(shop)s failed in another package's code (%(what)s)",
        "%(num)s messages of %(shop)s failed in another package's code (%(what)s)",
    ),
}  # fmt: skip
_LINK = N_(
    "The listing “%(title)s” (%(ref)s) sells no SKU of ours yet. Say which one it is: the link is kept, and everything "
    "that waits for it runs again."
)
_LINK_OR_ADD = N_(
    "The listing “%(title)s” (%(ref)s) sells no SKU of ours yet. Say which one it is, or add %(sku)s, which it offers, "
    "as a new one: the link is kept, and everything that waits for it runs again."
)
_UNLINKED = N_(
    "The listing “%(title)s” (%(ref)s) was unlinked by hand on %(day)s. Only if it is to sell a SKU of ours after all, "
    "say which one: everything that waits for it runs again."
)
_RECEIVE = N_(
    "Receive or count %(sku)s, or free pieces of it where they lie: the orders run again by themselves, oldest first."
)
_READ = N_(
    "A new status or code: say what it means in the mapping of this shop. A broken message: mend it on the channel, or "
    "have it sent again. Then run it again."
)
_FILE = N_("This file could not be read: ask the dealer to send it again, then dismiss.")
_REFUND = N_(
    "A new word: say what it means in the mapping of this shop. A broken message: mend it on the channel. Then run it "
    "again. No order waits for it: what nobody can mend is dismissed, and its order is told nothing of this refund."
)
_UNREADABLE = {"file": _FILE, "refund": _REFUND}
_CRASHED = N_(
    "Our own code failed on these messages. Nothing is lost: they are kept as they came. Report the fault; after an "
    "update run them again."
)
_PACKAGE = N_(
    "Nothing is lost: what waits is kept as it came. Report the fault to the maker of the package; once another "
    "version of it is installed, run it again."
)
_BY_HAND = N_("A person held it, and a person releases it.")


def hold_name(say: Speaker, hold: HoldFact | Cause) -> str:
    """What a hold is, in a word or two."""
    if hold.until:
        return say.gettext("Kept for presale until %(day)s", day=hold.until)
    return say.gettext(label("hold", hold.kind))


def hold_why(say: Speaker, hold: HoldFact | Cause) -> str:
    """What is the matter, and what becomes of it."""
    if hold.until:
        return say.gettext("Nothing of it leaves before that day; then those who ordered first are served first.")
    if hold.kind in ("unknown_sku", "not_whole", "backorder"):
        return say.gettext(label("hold_why", hold.kind))
    return said(hold.why, say.language)


def cause_title(say: Speaker, cause: Cause) -> str:
    """How many wait, and for what."""
    if cause.kind == "by_hand":
        return say.gettext("Held by hand: order %(number)s", number=cause.examples[0][1] if cause.examples else "–")
    if cause.kind in _MESSAGES:
        text = _MESSAGES[(cause.may_be_dismissed and cause.of) or cause.kind]
        return say.ngettext(*text, cause.messages, what=_unread(cause), shop=cause.connection)
    text = _ORDERS["presale" if cause.until else cause.kind]
    return say.ngettext(*text, cause.orders, what=cause.value, shop=cause.connection, day=cause.until)


def _unread(cause: Cause) -> str:
    """The field that nobody could read, with what stood there; of a fault of ours, the fault."""
    if cause.kind != "bad_record" or not cause.value:
        return cause.value or cause.field
    return f"{cause.field} “{cause.value[:LONGEST]}{'…' * (len(cause.value) > LONGEST)}”"


def mend_text(say: Speaker, cause: Cause) -> str:
    """What a person does about it."""
    if cause.until or cause.kind == "backorder":
        return hold_why(say, cause)
    if cause.kind in ("unknown_sku", "not_whole"):
        ref = cause.listing_ref or cause.offered_sku or "–"
        words = {"title": cause.title or "–", "ref": ref}
        if cause.unlinked_at:
            return say.gettext(_UNLINKED, day=cause.unlinked_at.date(), **words)
        if cause.addable:
            return say.gettext(_LINK_OR_ADD, sku=cause.addable, **words)
        return say.gettext(_LINK, **words)
    if cause.kind == "short":
        return say.gettext(_RECEIVE, sku=cause.value)
    texts = {"bad_record": _UNREADABLE.get(cause.of, _READ), "by_hand": _BY_HAND, "package_fault": _PACKAGE}
    return say.gettext(texts.get(cause.kind, _CRASHED))

"""The texts that the scripts of the play and practice pages show. {0} is filled in by them."""

from django.utils.translation import gettext as _


def script_texts() -> dict[str, str]:
    return {
        "offline": _("No connection. Your answer is kept on this device and will be sent later; go on playing."),
        "offline_finish": _("Saved on this device; it will be sent when you are online."),
        "signed_out": _("You have been signed out. Your answer is kept on this device; sign in, and it is sent."),
        "no_hint": _("Hints need a connection. Try again later."),
        "sent": _("All your answers have been sent."),
        "trouble": _("That did not work. Your answer is kept on this device; please try again."),
        "refused": _("The result was not accepted."),
        "order": _("Put the lines in order: drag them, or use the buttons."),
        "up": _("Move up: {0}"),
        "down": _("Move down: {0}"),
        "place": _("{0}: place {1} of {2}"),
        "match": _("Choose a line on top, then its match below."),
        "match_open": _("Not matched yet"),
        "matches": _("Matches"),
        "matched": _("{0} is matched with {1}"),
        "choose_first": _("Choose a line first."),
        "incomplete": _("Something is still missing."),
    }

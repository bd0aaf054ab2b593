"""The two blueprints of the portal: pages in a language, and the few addresses that have none yet."""

from flask import Blueprint

from portal import languages, quick_exit, session

pages = Blueprint("portal", "portal", url_prefix="/<language:lang>")
pages.before_request(languages.switch)
pages.before_request(session.let_the_code_go)
pages.context_processor(quick_exit.context)

# Links from outside (a landlord's website, a poster's QR code) that do not know the reader's language.
doorstep = Blueprint("doorstep", "portal")

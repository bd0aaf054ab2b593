"""The resident's side: complain, follow it, be heard."""

from importlib import import_module

from flask import Flask

# Every module that hangs pages on the blueprint. One more module is one more line here.
MODULES = (
    "portal.start",
    "portal.journey",
    "portal.uploads",
    "portal.upload_pieces",
    "portal.expired",
    "portal.sending",
    "portal.receipt",
    "portal.save_for_later",
    "portal.sign_in",
    "portal.sign_in_links",
    "portal.my_complaint.overview",
    "portal.my_complaint.decisions",
    "portal.my_complaint.requests",
    "portal.my_complaint.writing",
    "portal.my_complaint.letters",
    "portal.my_complaint.details",
    "portal.consent",
    "portal.feedback",
    "portal.pages",
)


def register(app: Flask) -> None:
    """Put this side's pages on an application, and let its marks know who is signed in here."""
    from portal import blueprint, jobs, sign_in

    for module in MODULES:
        import_module(module)
    app.register_blueprint(blueprint.pages)
    app.register_blueprint(blueprint.doorstep)
    sign_in.init_app(app)
    jobs.register()

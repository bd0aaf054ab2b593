"""The resident's side: complain, follow it, be heard."""

from importlib import import_module

from flask import Flask

# Every module that hangs pages on the blueprint. One more module is one more line here.
MODULES = (
    "portal.start",
    "portal.journey",
    "portal.uploads",
    "portal.pieces",
    "portal.expired",
    "portal.sending",
    "portal.receipt",
    "portal.comeback",
    "portal.door",
    "portal.door_mail",
    "portal.mine",
    "portal.mine_actions",
    "portal.mine_asks",
    "portal.mine_writing",
    "portal.mine_letters",
    "portal.mine_person",
    "portal.consent",
    "portal.feedback",
    "portal.pages",
)


def register(app: Flask) -> None:
    """Put this side's pages on an application, and let its marks know who is signed in here."""
    from portal import blueprint, door, upkeep

    for module in MODULES:
        import_module(module)
    app.register_blueprint(blueprint.pages)
    app.register_blueprint(blueprint.doorstep)
    door.init_app(app)
    upkeep.register()

"""The composition root: puts the portal and the staff inbox on one application, from settings alone."""

import logging
from collections.abc import Collection

from flask import Flask, Response, abort, current_app, make_response, request, url_for
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

from shared import catalogues, compiled, i18n
from shared.config import ROOT, Config, from_environment
from shared.db import db
from shared.mail import send
from shared.web import access, context, devmail, errors, filters, headers, landlord, statics
from shared.web.access import public
from shared.web.render import see_other

FORM_BYTES = 2_000_000  # all text of one form: a long story has room, a flood has not


def create_app(config: Config | None = None, surfaces: Collection[str] = ("portal", "staff")) -> Flask:
    """A ready application. `surfaces` names the sides to serve: residents and staff can live on two hosts.

    Reads the environment when no settings are given. Creates no tables: migrations do.
    """
    config = config or from_environment()
    config.check()
    strangers = set(surfaces) - {"portal", "staff"}
    if strangers:
        raise ValueError(f"no such side: {sorted(strangers)}")

    app = Flask("redress", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config.update(_settings(config))
    app.extensions["redress"] = config
    _read_templates(app)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    if config.environment != "production":
        catalogues.compile_stale()
        app.config["TEMPLATES_AUTO_RELOAD"] = config.environment == "development"
    else:
        app.logger.setLevel(logging.INFO)

    config.data_dir.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    i18n.init_app(app)
    send.init_app(app, config)
    landlord.init_app(app)
    headers.drop_nonsense(app)
    access.init_app(app)
    Htmx(app)
    CSRFProtect(app)
    statics.init_app(app)
    headers.init_app(app, production=config.environment == "production")
    filters.init_app(app)
    context.init_app(app)
    errors.init_app(app)
    devmail.init_app(app, config)
    if config.environment != "production":
        access.guard_reads(app)

    if "portal" in surfaces:
        import portal

        portal.register(app)
    if "staff" in surfaces:
        import staff

        staff.register(app)
    app.add_url_rule("/", view_func=front_door, endpoint="front_door")
    app.add_url_rule("/healthz", view_func=healthz, endpoint="healthz")
    return app


def _read_templates(app: Flask) -> None:
    components = {"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}
    app.jinja_environment = context.Templates
    app.jinja_loader = ChoiceLoader([FileSystemLoader(ROOT / "templates"), PrefixLoader(components)])
    app.jinja_env.policies["ext.i18n.trimmed"] = True  # as the extraction reads {% trans %}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.bytecode_cache = compiled.bytecode_cache("pages")


def _settings(config: Config) -> dict[str, object]:
    production = config.environment == "production"
    on_sqlite = config.sqlalchemy_url.startswith("sqlite")
    return {
        "TESTING": config.environment == "test",
        "SECRET_KEY": config.secret_key,
        "SQLALCHEMY_DATABASE_URI": config.sqlalchemy_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {}
        if on_sqlite
        else {"pool_pre_ping": True, "pool_size": 8, "max_overflow": 4},
        "MAX_CONTENT_LENGTH": config.max_request_bytes,
        "MAX_FORM_MEMORY_SIZE": FORM_BYTES,
        "MAX_FORM_PARTS": 1_000,
        "SESSION_COOKIE_NAME": "__Host-redress" if production else "redress",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": production,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": production,
        "PREFERRED_URL_SCHEME": "https" if production else "http",
        # A form may lie open all day; its token is as good as the session that it belongs to.
        "WTF_CSRF_TIME_LIMIT": None,
    }


@public
def front_door() -> BaseResponse:
    """Lead residents to the first page in a language that their browser asks for, staff to the inbox."""
    if "portal.start" in current_app.view_functions:
        return see_other(url_for("portal.start", lang=i18n.choose(request.accept_languages).code))
    if "staff.home" in current_app.view_functions:
        return see_other(url_for("staff.home"))
    abort(404)


@public
def healthz() -> Response:
    """Whether this process and its database answer; for load balancers, so it tells nothing else."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return make_response(("database not reachable\n", 503, {"Content-Type": "text/plain"}))
    return make_response(("ok\n", 200, {"Content-Type": "text/plain"}))

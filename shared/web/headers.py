"""The headers that every answer carries, and those that we believe. No inline script or style exists, so the policy
needs no nonce.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, request

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "media-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
ALWAYS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
YEAR = 365 * 24 * 3600  # seconds
FROM_WHERE = ("HTTP_ORIGIN", "HTTP_REFERER")  # what a browser says of the page that a request began on


def drop_nonsense(app: Flask) -> None:
    """Take an address that is none for one that was not sent: reading it would end in an error of ours.

    Comes before all that asks where a request began: access, and the guard against forged posts.
    """

    @app.before_request
    def forget() -> None:
        for name in FROM_WHERE:
            try:
                urlsplit(request.environ.get(name, ""))
            except ValueError:
                del request.environ[name]


def init_app(app: Flask, production: bool) -> None:
    """Set the headers on every answer of an application, errors and files included."""

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if production:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains")
        if request.endpoint != "static":
            # A complaint must not stay behind in the cache of a library's computer.
            response.headers.setdefault("Cache-Control", "no-store")
        elif response.status_code == 200 and "v" in request.args:
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        return response

"""Styles and scripts in few bytes: the build keeps a gzipped copy beside each, sent to whoever takes it.

Pages themselves are not compressed: they carry tokens beside what people typed, and the length of a compressed
answer can give a token away.
"""

from pathlib import Path

from flask import Flask, Response, current_app, request


def init_app(app: Flask) -> None:
    """Send the small copy of a built file where there is one and the browser takes it."""
    app.after_request(smaller)


def smaller(response: Response) -> Response:
    """The same answer with the gzipped bytes, for whole files of static/built only."""
    if request.endpoint != "static" or response.status_code != 200 or not request.view_args:
        return response
    copy = Path(current_app.static_folder or "") / f"{request.view_args['filename']}.gz"
    if not copy.is_file():
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] <= 0:
        return response
    response.close()  # the plain file is not read
    response.direct_passthrough = False
    response.set_data(b"" if request.method == "HEAD" else copy.read_bytes())
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(copy.stat().st_size)
    response.headers.pop("ETag", None)
    return response

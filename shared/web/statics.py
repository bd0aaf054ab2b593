"""Styles and scripts in few bytes: the build keeps compressed copies beside each, sent to whoever takes them.

Pages themselves are not compressed: they carry tokens beside what people typed, and the length of a compressed
answer can give a token away.
"""

from pathlib import Path

from flask import Flask, Response, current_app, request

# The smallest first: what a browser calls it, and the ending of the copy.
COPIES = {"br": ".br", "gzip": ".gz"}


def init_app(app: Flask) -> None:
    """Send the smallest copy of a built file that there is and that the browser takes."""
    app.after_request(smaller)


def smaller(response: Response) -> Response:
    """The same answer with compressed bytes, for whole files of static/built only."""
    if request.endpoint != "static" or response.status_code != 200 or not request.view_args:
        return response
    file = Path(current_app.static_folder or "") / request.view_args["filename"]
    copies = {name: file.with_name(file.name + ending) for name, ending in COPIES.items()}
    copies = {name: copy for name, copy in copies.items() if copy.is_file()}
    if not copies:
        return response
    response.vary.add("Accept-Encoding")
    name = next((name for name in copies if request.accept_encodings[name] > 0), None)
    if name is None:
        return response
    copy = copies[name]
    response.close()  # the plain file is not read
    response.direct_passthrough = False
    response.set_data(b"" if request.method == "HEAD" else copy.read_bytes())
    response.headers["Content-Encoding"] = name
    response.headers["Content-Length"] = str(copy.stat().st_size)
    response.headers.pop("ETag", None)
    return response

"""The one blueprint of the staff side. Every module hangs its pages on it; `register` imports them all."""

from flask import Blueprint

pages = Blueprint("staff", __name__, url_prefix="/staff")

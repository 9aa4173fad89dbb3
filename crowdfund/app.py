"""The application, made in small ordered steps."""

import logging
import os

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from crowdfund import wiring
from crowdfund.accounts import current
from crowdfund.core import lifeline, unit_of_work
from crowdfund.core.config import ROOT, Settings
from crowdfund.core.db import db, engine_options, prepare_engine
from crowdfund.web import errors, guards, htmx, security, statics, templating, uploads

LARGEST_REQUEST = 256 * 1024
SERVER_PID = "CROWDFUND_SERVER_PID"


def create_app(settings: Settings) -> Flask:
    """Return the application for these settings. Raises BadSettings when they are unsafe together."""
    settings.refuse_unsafe()
    app = Flask("crowdfund", root_path=str(ROOT), template_folder="templates", static_folder=None)
    _configure(app, settings)
    _open_database(app, settings)
    templating.init_app(app, settings, current.current_actor)
    uploads.init_app(app, current.current_actor)  # before what reads the body
    for part in (errors, guards, htmx, security, current, statics):
        part.init_app(app)
    wiring.wire(app, settings)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("stripe").setLevel(logging.WARNING)  # its INFO lines carry addresses of objects, twice a call
    app.config.from_mapping({name.upper(): value for name, value in vars(settings).items()})
    app.config.update(
        SESSION_COOKIE_NAME="form" if settings.sandbox else "__Host-form",
        SESSION_COOKIE_SECURE=not settings.sandbox,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=False,  # Origin and Sec-Fetch-Site are checked in web/security.py
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _open_database(app: Flask, settings: Settings) -> None:
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database_url)
    db.init_app(app)
    unit_of_work.refuse_stray_writes()
    with app.app_context():
        prepare_engine(db.engine)


def app_from_env() -> Flask:
    """Return the application for the settings in the environment."""
    return create_app(Settings.from_env(os.environ))


def worker_app() -> Flask:
    """Return the application in a worker of the web server, which ends when its server does."""
    lifeline.follow(int(os.environ[SERVER_PID]))
    return app_from_env()

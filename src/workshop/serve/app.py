"""The application: the addresses of the server, and its errors."""

import asyncio
import contextlib
import traceback
from pathlib import Path

import numpy as np
from fastapi import FastAPI, Request
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, JSONResponse, Response

from handwriting.text import clean
from workshop.serve.addresses import qr_code, url_for_others
from workshop.serve.batching import Batcher
from workshop.serve.photos import PhotoScanner, description
from workshop.serve.request_bodies import (
    PredictRequest,
    Shares,
    Turns,
    columns,
    images_of,
    machine_of,
    photo_in,
    rows,
)

MODEL = "/v1/models/digits"
TEMPLATES = Jinja2Templates(Path(__file__).with_name("templates"))  # with autoescape
FILE = {"schema": {"type": "string", "format": "binary"}}
FORM = {"schema": {"type": "object", "required": ["file"], "properties": {"file": FILE["schema"]}}}
PREDICT = {"requestBody": {"content": {"application/json": {"schema": PredictRequest.model_json_schema()}}}}
READ = {"requestBody": {"content": {"multipart/form-data": FORM, "image/png": FILE, "image/jpeg": FILE}}}
RESPONSES = {
    "4XX": {"description": '{"error": what is wrong with the request, and what to do}'},
    "503": {"description": "Too many requests at once; try again after the number of seconds in Retry-After"},
}

#: What the server adds to the drawing page, which also works without a server.
LINKS = '<p><a href="photo">Read a photo</a> · <a href="docs">Use this network from a program</a></p>\n</main>'


def make_app(repository, host="127.0.0.1"):
    """Return the application that serves the network of a `ModelRepository`, for a server that listens on `host`."""
    batcher, scanner = Batcher(repository), PhotoScanner()

    @contextlib.asynccontextmanager
    async def lifespan(app):
        tasks = [asyncio.create_task(batcher.run()), asyncio.create_task(repository.watch())]
        yield
        for task in tasks:
            task.cancel()
        scanner.close()

    app = FastAPI(title="Handwriting", lifespan=lifespan, responses=RESPONSES, docs_url=None, redoc_url=None)
    app.state.receiving, app.state.reading = Shares(), Turns()  # bytes of all bodies that are on their way, or here
    add_errors(app, repository.log)

    @app.post(f"{MODEL}:predict", openapi_extra=PREDICT)
    @app.post(f"{MODEL}/versions/{{version}}:predict", openapi_extra=PREDICT)
    async def predict(request: Request, version: str | None = None):
        """Classify images of 28 × 28 pixels, in the format of TensorFlow Serving; by another version: 404."""
        images, by_columns = await images_of(request)
        probabilities, network = await batcher.predict(images, machine_of(request))
        if version not in (None, str(network.version)):
            raise not_served(network)
        if by_columns:
            return JSONResponse({"outputs": columns(probabilities, network.class_names)})
        return JSONResponse({"predictions": rows(probabilities, network.class_names)})

    @app.get(MODEL)
    @app.get(f"{MODEL}/versions/{{version}}")
    async def status(version: str | None = None):
        """Return the version that is served, and those that could not be loaded; or the state of one version."""
        found = [state for state in repository.status() if version in (None, state["version"])]
        if not found:
            raise not_served(repository.network)
        return {"model_version_status": found}

    @app.post("/read", openapi_extra=READ)
    async def read(request: Request):
        """Find and classify all digits on a photo: PNG, JPEG, WEBP, GIF or BMP, in a form or as it is."""
        machine = machine_of(request)
        digits = await scanner.find_digits(await photo_in(request), machine)
        probabilities, network = await batcher.predict(np.stack([digit.image for digit in digits]), machine)
        found = await asyncio.to_thread(description, digits, probabilities, network)
        if "text/html" in request.headers.get("accept", ""):  # the form of a person, not a program
            return TEMPLATES.TemplateResponse(request, "form.html", {"found": found})
        return JSONResponse(found)

    @app.get("/healthz")
    async def healthz():
        """Classify an empty image; return the version that did."""
        _, network = await batcher.predict(np.zeros((1, 28, 28), np.uint8))
        return {"status": "ok", "model": "digits", "version": str(network.version)}

    add_pages(app, repository, host)
    return app


def add_pages(app, repository, host):
    @app.get("/", include_in_schema=False)
    async def front(request: Request):
        page, headers = repository.network.page, {"Cache-Control": "no-cache"}  # another version has another page
        if page is not None:
            return HTMLResponse(with_links(page), headers=headers)
        return TEMPLATES.TemplateResponse(request, "form.html", headers=headers)

    @app.get("/photo", include_in_schema=False)
    async def photo(request: Request):
        return TEMPLATES.TemplateResponse(request, "form.html")

    @app.get("/qr", include_in_schema=False)
    async def qr(request: Request):
        url = url_for_others(str(request.base_url), host, request.scope["server"][1])
        code = qr_code(url).svg_inline(light="white", omitsize=True) if url else ""
        return TEMPLATES.TemplateResponse(request, "qr.html", {"url": url, "code": code})

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request):
        return TEMPLATES.TemplateResponse(request, "docs.html", {"paths": app.openapi()["paths"], "model": MODEL})


def with_links(page):
    return page.replace("</main>", LINKS, 1)


def not_served(network):
    return HTTPException(404, f"This version is not served; version {network.version} is.")


def add_errors(app, log):
    """Answer every error with {"error": a sentence}, as TensorFlow Serving does; log failures of the server."""

    @app.exception_handler(HTTPException)
    async def refused(request, error):
        detail = error.detail
        if not detail.endswith("."):  # the framework's words, such as "Not Found"
            detail += ". /docs lists the addresses of this server, and the method of each."
        return JSONResponse({"error": detail}, error.status_code, error.headers)

    @app.exception_handler(ClientDisconnect)
    async def gone(request, error):
        return Response(status_code=400)  # nobody reads it

    @app.exception_handler(Exception)
    async def failed(request, error):
        path, trace = clean(request.url.path), "".join(traceback.format_exception(error))
        log(f"The server failed at {request.method} {path}:\n{trace}")
        return JSONResponse({"error": "The server failed. Its log has the reason."}, 500)

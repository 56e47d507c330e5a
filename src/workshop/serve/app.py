"""The application: the addresses of the server."""

import asyncio
import contextlib
import traceback
from pathlib import Path

import numpy as np
from fastapi import FastAPI, Request
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse

from workshop.serve.batching import Batcher
from workshop.serve.bodies import LARGEST_PHOTO, LARGEST_REQUEST, BodyReceiver, PredictRequest, columns, images_in, rows
from workshop.serve.photos import PhotoScanner, description, photo_in

__all__ = ["make_app"]

MODEL = "/v1/models/digits"
TEMPLATES = Jinja2Templates(Path(__file__).with_name("templates"))  # with autoescape
FILE = {"schema": {"type": "string", "format": "binary"}}
FORM = {"schema": {"type": "object", "required": ["file"], "properties": {"file": FILE["schema"]}}}
PREDICT = {"requestBody": {"content": {"application/json": {"schema": PredictRequest.model_json_schema()}}}}
READ = {"requestBody": {"content": {"multipart/form-data": FORM, "image/png": FILE, "image/jpeg": FILE}}}
RESPONSES = {
    "4XX": {"description": '{"error": what is wrong with the request, and what to do}'},
    "503": {"description": "Too much at once; send it again after the seconds in Retry-After"},
}
MESSAGES = {
    "Not Found": "There is nothing at this address. /docs lists the addresses of this server.",
    "Method Not Allowed": "This address does not take that method. /docs lists the method of each address.",
}


def make_app(repository):
    """Return the application that serves the network of a `workshop.serve.repository.ModelRepository`."""
    batcher, scanner, bodies = Batcher(repository), PhotoScanner(repository.log), BodyReceiver()

    @contextlib.asynccontextmanager
    async def lifespan(app):
        tasks = [asyncio.create_task(batcher.run()), asyncio.create_task(repository.watch())]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(scanner.close)

    options = {"docs_url": None, "redoc_url": None, "redirect_slashes": False}
    app = FastAPI(title="Handwriting", lifespan=lifespan, responses=RESPONSES, **options)
    add_errors(app, repository.log)

    @app.post(f"{MODEL}:predict", openapi_extra=PREDICT)
    async def predict(request: Request):
        """Classify images of 28 × 28 pixels, in the format of TensorFlow Serving."""
        return await predict_by(request, None)

    @app.post(f"{MODEL}/versions/{{version}}:predict", openapi_extra=PREDICT)
    async def predict_by(request: Request, version: str):
        """Do the same with one version; if another one is served now, this is refused."""
        images, by_columns = images_in(await bodies.receive(request, LARGEST_REQUEST))
        probabilities, network = await batcher.predict(images)
        if version not in (None, str(network.version)):
            raise not_served(network)
        if by_columns:
            return JSONResponse({"outputs": columns(probabilities, network.class_names)})
        return JSONResponse({"predictions": rows(probabilities, network.class_names)})

    @app.get(MODEL)
    async def status():
        """Return the version that is served, and those that could not be loaded."""
        return JSONResponse({"model_version_status": repository.status()})

    @app.get(f"{MODEL}/versions/{{version}}")
    async def status_of(version: str):
        """Return the state of one version."""
        found = [state for state in repository.status() if state["version"] == version]
        if not found:
            raise not_served(repository.network)
        return JSONResponse({"model_version_status": found})

    @app.post("/read", openapi_extra=READ)
    async def read(request: Request):
        """Find and classify all digits on a photo: PNG, JPEG, WEBP, GIF or BMP, in a form or as it is."""
        body = await bodies.receive(request, LARGEST_PHOTO)
        digits = await scanner.find_digits(await photo_in(request, body))
        probabilities, network = await batcher.predict(np.stack([digit.image for digit in digits]))
        return JSONResponse(description(digits, probabilities, network.class_names))

    @app.get("/healthz")
    async def healthz():
        """Return that the server works, and which version it serves."""
        return JSONResponse({"status": "ok", "model": "digits", "version": str(repository.network.version)})

    @app.get("/", include_in_schema=False)
    async def front(request: Request):
        page, headers = repository.network.page, {"Cache-Control": "no-cache"}  # another version has another page
        if page is not None:
            return HTMLResponse(page, headers=headers)
        return TEMPLATES.TemplateResponse(request, "form.html", headers=headers)

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request):
        return TEMPLATES.TemplateResponse(request, "docs.html", {"paths": app.openapi()["paths"], "model": MODEL})

    return app


def not_served(network):
    """Return the error for a version that is not there."""
    return HTTPException(404, f"This version is not served, version {network.version} is.")


def add_errors(app, log):
    """Answer every error with {"error": a sentence}, as TensorFlow Serving does; log failures of the server."""

    @app.exception_handler(HTTPException)
    async def refused(request, error):
        return JSONResponse({"error": MESSAGES.get(error.detail, error.detail)}, error.status_code, error.headers)

    @app.exception_handler(Exception)
    async def failed(request, error):
        log(f"The server failed at {request.method} {request.url.path}:\n{''.join(traceback.format_exception(error))}")
        return JSONResponse({"error": "The server failed. Its log says why."}, 500)

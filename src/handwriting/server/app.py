"""The application: which address answers what."""

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, Response

from handwriting.server import about, bodies
from handwriting.server.batching import Batcher
from handwriting.server.intake import Intake
from handwriting.server.photos import Photos, picture_in
from handwriting.server.refused import Refused

__all__ = ["make_app"]

LARGEST_REQUEST = 5 * 2**20  # bytes: 1,024 pictures as Python writes them
LARGEST_PHOTO = 16 * 2**20
SMALL = 100_000  # bytes of JSON that are read at once; more is read in a thread, so that others need not wait


def make_app(shelf, name="digits", page=None):
    """Make the application.

    Parameters
    ----------
    shelf : handwriting.server.versions.Shelf
        Whose network answers.
    name : str
        What the network is called in addresses.
    page : callable, optional
        Gives the page at "/" as text; by default a small one, with a form to send a photo.

    Returns
    -------
    fastapi.FastAPI
    """
    batcher, intake = Batcher(shelf), Intake()
    photos, reader = Photos(batcher), ThreadPoolExecutor(1, "bodies")

    @contextlib.asynccontextmanager
    async def running(app):
        tasks = [asyncio.create_task(batcher.work()), asyncio.create_task(shelf.watch())]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        photos.close()
        reader.shutdown(wait=False)

    app = FastAPI(
        title="Handwriting", version="1", lifespan=running, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.batcher = batcher
    add_errors(app)

    def check_name(asked, version=None):
        if asked != name:
            raise Refused(f"There is no model {bodies.short(asked)} here. This server has one: {name}.", 404)
        if version is not None and version != str(shelf.network.version):
            raise Refused(
                f"Version {bodies.short(version)} does not answer here, version {shelf.network.version} does.", 404
            )

    @app.post("/v1/models/{model}:predict", openapi_extra=about.PREDICT)
    @app.post("/v1/models/{model}/versions/{version}:predict", openapi_extra=about.PREDICT)
    async def predict(request: Request, model: str, version: str | None = None):
        """Read pictures of 28 × 28 pixels, in the format of TensorFlow Serving."""
        check_name(model, version)
        body = await intake.take(request, LARGEST_REQUEST)
        try:
            if len(body) < SMALL:
                images, columnar = bodies.read_request(body)
            else:
                loop = asyncio.get_running_loop()
                images, columnar = await loop.run_in_executor(reader, bodies.read_request, body)
            probabilities, network = await batcher.read(images)
        finally:
            intake.release([body])
        if columnar:
            return answer({"outputs": bodies.columns(probabilities, network.names)})
        return answer({"predictions": bodies.rows(probabilities, network.names)})

    @app.get("/v1/models/{model}")
    @app.get("/v1/models/{model}/versions/{version}")
    async def status(model: str, version: str | None = None):
        """Which version answers, and which could not be loaded."""
        if (version or model).endswith(":predict"):
            raise HTTPException(405, headers={"allow": "POST"})
        check_name(model, version)
        return answer({"model_version_status": about.states(shelf)})

    @app.post("/read", openapi_extra=about.READ)
    async def read(request: Request):
        """Find and read all digits on a picture: PNG, JPEG, WEBP, GIF or BMP, in a form or as it is."""
        body = await intake.take(request, LARGEST_PHOTO)
        try:
            return answer(await photos.read(await picture_in(request, body)))
        finally:
            intake.release([body])

    @app.get("/healthz")
    async def healthz():
        """Whether the server answers, and with which version."""
        return answer({"status": "ok", "model": name, "version": str(shelf.network.version)})

    @app.get("/", include_in_schema=False)
    def start():  # in a thread: the page may have to be made first
        return HTMLResponse((page and page()) or about.small_page())

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request):
        return HTMLResponse(about.docs_page(app.openapi(), name, str(request.base_url).rstrip("/")))

    return app


def answer(content, status=200, headers=None):
    """A JSON answer."""
    return Response(bodies.dumped(content), status, headers, "application/json")


def add_errors(app):
    """Every refusal is JSON with a sentence, under the key that TensorFlow Serving uses."""

    @app.exception_handler(Refused)
    async def refused(request, error):
        return answer({"error": str(error)}, error.status, error.headers)

    @app.exception_handler(HTTPException)
    async def not_here(request, error):
        sentences = {
            404: "There is nothing at this address. /docs lists the addresses that answer.",
            405: "This address does not answer that method. /docs tells which it answers.",
        }
        return answer({"error": sentences.get(error.status_code, str(error.detail))}, error.status_code, error.headers)

    @app.exception_handler(ClientDisconnect)
    async def gone(request, error):
        return answer({"error": "The connection was closed before the body was complete."}, 400)

    @app.exception_handler(Exception)
    async def failed(request, error):
        return answer({"error": "The server failed. Its log says why."}, 500)

"""The application: which address answers what."""

import asyncio
import contextlib
import traceback
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, Response

from workshop.serve import about, bodies
from workshop.serve.batching import Batcher
from workshop.serve.intake import Intake
from workshop.serve.photos import Photos, picture_in
from workshop.serve.refused import Refused

__all__ = ["make_app"]

LARGEST_REQUEST = 5 * 2**20  # bytes: 1,024 pictures as Python writes them
LARGEST_PHOTO = 16 * 2**20
SMALL = 100_000  # bytes of JSON that are read at once; more is read in a thread, so that others need not wait


def make_app(shelf, name="digits", page=None):
    """Make the application.

    Parameters
    ----------
    shelf : workshop.serve.versions.Shelf
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
    photos, reader = Photos(batcher, shelf.say), ThreadPoolExecutor(1, "bodies")

    @contextlib.asynccontextmanager
    async def running(app):
        app.state.work = asyncio.create_task(batcher.work())
        tasks = [app.state.work, asyncio.create_task(shelf.watch())]
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
    add_errors(app, shelf.say)

    def check_name(asked):
        if asked != name:
            raise Refused(f"There is no model {bodies.short(asked)} here. This server has one: {name}.", 404)

    def check_version(asked, network):
        if asked != str(network.version):
            raise Refused(f"Version {bodies.short(asked)} does not answer here, version {network.version} does.", 404)

    @app.post("/v1/models/{model}:predict", openapi_extra=about.PREDICT)
    async def predict(request: Request, model: str):
        """Read pictures of 28 × 28 pixels, in the format of TensorFlow Serving."""
        check_name(model)
        return await predicted(request)

    @app.post("/v1/models/{model}/versions/{version}:predict", openapi_extra=about.PREDICT)
    async def predict_by(request: Request, model: str, version: str):
        """The same, by one version: if another one answers now, this is refused."""
        check_name(model)
        check_version(version, shelf.network)
        return await predicted(request, version)

    async def predicted(request, version=None):
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
        if version is not None:  # another one may have taken its place meanwhile
            check_version(version, network)
        if columnar:
            return answer({"outputs": bodies.columns(probabilities, network.names)})
        return answer({"predictions": bodies.rows(probabilities, network.names)})

    @app.get("/v1/models/{model}")
    async def status(model: str):
        """Which version answers, and which could not be loaded."""
        refuse_predict(model)
        check_name(model)
        return answer({"model_version_status": about.states(shelf)})

    @app.get("/v1/models/{model}/versions/{version}")
    async def status_of(model: str, version: str):
        """The state of one version."""
        refuse_predict(version)
        check_name(model)
        found = [state for state in about.states(shelf) if state["version"] == version]
        if not found:
            check_version(version, shelf.network)
        return answer({"model_version_status": found})

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
        if app.state.work.done():
            raise Refused("The server reads no pictures any more. Start it again.", 503)
        return answer({"status": "ok", "model": name, "version": str(shelf.network.version)})

    @app.get("/", include_in_schema=False)
    def start():  # in a thread: the page may have to be made first
        # Asked for each time: another version may answer, and have another page.
        return HTMLResponse((page and page()) or about.small_page(), headers={"cache-control": "no-cache"})

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request):
        return HTMLResponse(about.docs_page(app.openapi(), name, str(request.base_url).rstrip("/")))

    return app


def answer(content, status=200, headers=None):
    """A JSON answer."""
    return Response(bodies.dumped(content), status, headers, "application/json")


def refuse_predict(name):
    """An address that ends in :predict is for POST."""
    if name.endswith(":predict"):
        raise HTTPException(405, headers={"allow": "POST"})


def add_errors(app, say):
    """Every refusal is JSON with a sentence, under the key that TensorFlow Serving uses; failures go to the log."""

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
        told = "".join(traceback.format_exception(error))
        say(f"The server failed at {request.method} {request.url.path}:\n{told}")
        return answer({"error": "The server failed. Its log says why."}, 500)

"""How does this front door look? The borough's own colour and logo, for everybody who may see a page."""

from fastapi.responses import Response

from web.routing import PUBLIC, Routes
from web.visits import Here

routes = Routes()


@routes.get("/house/colour.css", PUBLIC)
def colour(visit: Here) -> Response:
    """The colour, for the style sheet."""
    return Response(visit.house.identity.css, media_type="text/css")


@routes.get("/house/logo", PUBLIC)
def logo(visit: Here) -> Response:
    """The logo."""
    picture = visit.house.identity.logo
    return Response(picture.content, media_type=picture.kind)

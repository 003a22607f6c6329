"""The OpenAPI document and its interactive page, which needs nothing from outside and no inline script."""

from typing import Any

from litestar import Request, Router
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from app.desks.operator.api_document import ApiDocument
from app.web.doors import anyone
from app.web.render import assets, environment
from app.web.security import NO_TOKEN_COOKIE

PATH = "/api/schema"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class InteractivePage(OpenAPIRenderPlugin):
    """Swagger UI from our own files; Litestar's own plugins load theirs from elsewhere and start inline."""

    def __init__(self) -> None:
        super().__init__(path="/", favicon="", style="")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The page around Swagger UI, which fetches the document by itself."""
        template = environment().get_template("desks/operator/api_docs.html")
        html = template.render(
            title=openapi_schema["info"]["title"],
            document=self.get_openapi_json_route(request),
            asset=assets().url,
        )
        return html.encode()


def openapi_config() -> OpenAPIConfig:
    """OpenAPI 3.1 at /api/schema/openapi.json, the interactive page at /api/schema."""
    return OpenAPIConfig(
        title="Parchi API",
        version="1",
        description="Find a doctor, hold a time, pay, and follow the visit. Money is integer paise (INR), "
        "times are ISO 8601 in the clinic's offset, errors are RFC 9457 problems.",
        render_plugins=[InteractivePage(), ApiDocument()],
        openapi_router=Router(
            PATH,
            route_handlers=[],
            guards=[anyone],
            opt={"no_session": True, **NO_TOKEN_COOKIE},
            response_headers={"Content-Security-Policy": POLICY},
            include_in_schema=False,
        ),
        components=Components(
            security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")}
        ),
        security=[{"bearer": []}],
    )

"""Charts over HTTP: one picture for each path, laid out for the width that it is shown at."""

from collections.abc import Awaitable, Callable
from typing import Annotated, ParamSpec

from fastapi import APIRouter, Depends, Query, Request, Response

from tillhand_analytics import errors
from tillhand_analytics.domain.charts import Chart, Look
from tillhand_analytics.models.charts import PointsOut
from tillhand_analytics.models.provenance import Answer
from tillhand_analytics.routes.exporting import MODE_TOLD, SVG, chart_response
from tillhand_analytics.routes.tabling import UNREADABLE, Answers, ServedFile, add_file, first_paragraph, told
from tillhand_analytics.service.figures import Figure

P = ParamSpec("P")
Drawing = Callable[..., Chart]
"""A chart whose look is still open, such as `partial(cover_chart, "Days of cover", days)`: it takes `look` by name."""
Drawn = Callable[P, Awaitable[Figure[Drawing]]]


async def _size(
    width: Annotated[int, Query(ge=240, le=1_600, description="Pixels; a narrow chart is laid out anew.")] = 720,
    height: Annotated[
        int, Query(ge=160, le=900, description="Pixels; charts of rows take as many as they need.")
    ] = 360,
) -> tuple[int, int]:
    return width, height


def charted(
    router: APIRouter, path: str, *, more: Answers | None = None, numbers: bool = False
) -> Callable[[Drawn[P]], Drawn[P]]:
    """Serve a chart at `path`, which ends in `chart.svg`: the decorated dependency gives a drawing.

    A picture of what is not live says so in itself. The first paragraph of the docstring describes it. It is drawn in
    a thread. `more` are answers beside those that every chart may give. With `numbers`, for a chart over days, those
    behind it are at `chart.json`.
    """
    answers = {**UNREADABLE, **(more or {})}

    def register(provide: Drawn[P]) -> Drawn[P]:
        def picture(
            request: Request,
            figure: Annotated[Figure[Drawing], Depends(provide)],
            size: Annotated[tuple[int, int], Depends(_size)],
        ) -> Response:
            look = Look(figure.provenance.mode, *size)
            return chart_response(request, figure.value(look=look).svg, figure.provenance)

        add_file(router, path, picture, ServedFile(provide.__name__, provide.__doc__, SVG, answers))
        if numbers:
            _add_numbers(router, f"{path.removesuffix('.svg')}.json", provide, answers)
        return provide

    return register


def _add_numbers(router: APIRouter, path: str, provide: Drawn[P], answers: Answers) -> None:
    def behind(response: Response, figure: Annotated[Figure[Drawing], Depends(provide)]) -> Answer[PointsOut]:
        points = figure.value(look=Look(figure.provenance.mode)).points
        if points is None:
            raise errors.NoData("There are no days in this window.")
        value = PointsOut.model_validate(points)
        return Answer[PointsOut](provenance=told(response, figure.provenance), value=value)

    router.add_api_route(
        path,
        behind,
        name=f"{provide.__name__}_numbers",
        response_model=Answer[PointsOut],
        description=f"{first_paragraph(provide.__doc__)} The numbers behind the chart.",
        responses={200: {"headers": MODE_TOLD}, **answers},
    )

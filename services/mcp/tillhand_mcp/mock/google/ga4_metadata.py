"""What Analytics tells of its own dimensions and metrics."""

from __future__ import annotations

from typing import Any, Final

from tillhand_mcp.mock.google.ga4_fields import DIMENSIONS, METRICS, DimensionField, MetricField

COMPATIBLE: Final = "COMPATIBLE"


def metadata(property_id: str) -> dict[str, Any]:
    """Return all dimensions and metrics of a property."""
    return {
        "dimensions": [_dimension(name, field) for name, field in DIMENSIONS.items()],
        "metrics": [_metric(name, field) for name, field in METRICS.items()],
        "name": f"properties/{property_id}/metadata",
    }


def compatibility(wanted: str | None) -> dict[str, Any]:
    """Return what can be added to a report: everything, or nothing where only the incompatible is wanted."""
    if wanted == "INCOMPATIBLE":
        return {}
    return {
        "dimensionCompatibilities": [
            {"dimensionMetadata": _dimension(name, field), "compatibility": COMPATIBLE}
            for name, field in DIMENSIONS.items()
        ],
        "metricCompatibilities": [
            {"metricMetadata": _metric(name, field), "compatibility": COMPATIBLE} for name, field in METRICS.items()
        ],
    }


def _dimension(name: str, field: DimensionField) -> dict[str, Any]:
    return {"apiName": name, "uiName": field.ui_name, "description": field.description, "category": field.category}


def _metric(name: str, field: MetricField) -> dict[str, Any]:
    old = {"deprecatedApiNames": [field.old_name]} if field.old_name else {}
    about = {"apiName": name, "uiName": field.ui_name, "description": field.description, "category": field.category}
    return {**about, **old, "type": field.type}

"""Times our fit of BG/NBD on CDNOW beside pymc-marketing's, in one run, and prints the ratio.

python benchmarks/clv.py --data ../shared/data/clv
PYTHONPATH=services/analytics .venv-peers/bin/python benchmarks/clv.py --data ../shared/data/clv

The second one is for an environment that holds pymc-marketing, numpy and scipy; without pymc-marketing only ours is
timed. Theirs is fitted twice: as it is by default (NUTS, four chains of 1,000 draws after 1,000 of tuning), and by the
maximum of its posterior, which is what ours is closest to. Loading libraries is not timed, compiling the model is: each
fit of theirs does it again. Medians of ours over 20 fits.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import statistics
import time
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np

from tillhand_analytics.domain.customers.bgnbd_fit import fit_purchases
from tillhand_analytics.domain.customers.purchases import Histories

_ROUNDS: Final = 20
_PUBLISHED: Final = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}


def read(data: Path) -> Histories:
    """The summary by customer, in weeks."""
    rows = np.genfromtxt(data / "cdnow_customers_summary.csv", delimiter=",", skip_header=1)
    empty = np.full(len(rows), np.nan)
    return Histories(rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64), rows[:, 2], rows[:, 3], empty)


def ours(known: Histories) -> float:
    """Seconds of a fit of ours."""
    took = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        fit = fit_purchases(known)
        took.append(time.perf_counter() - began)
    values = {each.name: each.value for each in fit.maximum.estimates}
    show("tillhand, maximum likelihood", statistics.median(took), values)
    return statistics.median(took)


def theirs(known: Histories, method: str) -> float | None:
    """Seconds of a fit of pymc-marketing's; None where it is not installed."""
    try:
        clv: Any = importlib.import_module("pymc_marketing.clv")
        pandas: Any = importlib.import_module("pandas")
    except ImportError as error:
        print(f"pymc-marketing is not installed here ({error}); only ours is timed")
        return None
    logging.getLogger("pymc").setLevel(logging.ERROR)
    columns = {
        "customer_id": known.customer,
        "frequency": known.frequency,
        "recency": known.recency,
        "T": known.age,
    }
    model = clv.BetaGeoModel(data=pandas.DataFrame(columns))
    began = time.perf_counter()
    options: dict[str, Any] = {"progressbar": False}
    model.fit(method=method, **options, **({"random_seed": 1} if method == "mcmc" else {}))
    took = time.perf_counter() - began
    means = model.idata.posterior.mean(("chain", "draw"))
    show(f"pymc-marketing, {method}", took, {name: float(means[name]) for name in _PUBLISHED})
    return took


def show(name: str, seconds: float, values: dict[str, float]) -> None:
    """One line."""
    print(f"{name:30} {seconds:9.4f} s  " + "  ".join(f"{key} {values[key]:.4f}" for key in _PUBLISHED))


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="Folder with cdnow_customers_summary.csv.")
    warnings.simplefilter("ignore")
    known = read(parser.parse_args().data)
    print(f"{'published':30} {'':11}  " + "  ".join(f"{key} {value}" for key, value in _PUBLISHED.items()))
    seconds = ours(known)
    for method in ("map", "mcmc"):
        took = theirs(known, method)
        if took is None:
            return
        print(f"{'':30} {took / seconds:9.0f} times ours")


if __name__ == "__main__":
    main()

"""The charts of docs/performance.md, as SVG files that change only when a value does."""

from pathlib import Path

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "millrun"
matplotlib.rcParams["font.size"] = 9

from matplotlib import pyplot  # noqa: E402  (the backend is chosen first)

INK, OURS, THEIRS = "#444444", "#1f6f8b", "#c8963e"


def draw(figures: dict, folder: Path) -> dict[str, str]:
    """Draws the measured values. Returns the file of each chart with its title."""
    growth = figures["growth"]
    _shards(growth["shards"], folder / "shards.svg")
    _batches(growth["batches"], folder / "batches.svg")
    _backlog(growth["backlog"], folder / "backlog.svg")
    _money(figures["bills"], folder / "money.svg")
    return {
        "shards.svg": "Orders a second over the stock's shards",
        "batches.svg": "Write units an order over the batch's size",
        "backlog.svg": "Time of an order over the outbox's backlog",
        "money.svg": "Where the money goes",
    }


def _axes(title: str, x: str, y: str):
    figure, axes = pyplot.subplots(figsize=(5.2, 3.2), layout="constrained")
    axes.set_title(title, loc="left", color=INK)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _shards(rows: list[dict], path: Path) -> None:
    figure, axes = _axes("64 buyers, one variant", "shards", "orders per second")
    shards = [row["shards"] for row in rows]
    first = rows[0]["orders_per_second"]
    axes.plot(shards, [first * n for n in shards], "--", color=THEIRS, label="linear")
    axes.plot(shards, [row["orders_per_second"] for row in rows], "o-", color=OURS, label="measured")
    axes.legend(frameon=False)
    _save(figure, path)


def _batches(rows: list[dict], path: Path) -> None:
    figure, axes = _axes("A batch is confirmed", "orders in the batch", "write units per order")
    axes.semilogx([row["orders"] for row in rows], [row["write_per_order"] for row in rows], "o-", color=OURS)
    axes.set_ylim(bottom=0)
    _save(figure, path)


def _backlog(rows: list[dict], path: Path) -> None:
    figure, axes = _axes("An order while events wait", "events in the outbox", "milliseconds (virtual)")
    axes.plot([row["backlog"] for row in rows], [row["latency_us"] / 1000 for row in rows], "o-", color=OURS)
    axes.set_ylim(bottom=0)
    _save(figure, path)


def _money(bills: dict[str, dict[str, float]], path: Path) -> None:
    figure, axes = _axes("A million paid orders", "", "dollars at list prices")
    names, bottoms = list(bills), [0.0] * len(bills)
    shades = ["#1f6f8b", "#7fb3c4", "#c8963e", "#e3c793", "#8a8a8a", "#c9c9c9"]
    for part, shade in zip(bills[names[0]], shades, strict=True):
        values = [bills[name][part] for name in names]
        axes.bar(names, values, bottom=bottoms, label=part, color=shade, width=0.55)
        bottoms = [bottom + value for bottom, value in zip(bottoms, values, strict=True)]
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    _save(figure, path)

"""Returns and differences over a window, and one series against another."""

from __future__ import annotations

from thesisvault.analytics import kernels, single
from thesisvault.analytics.bounds import Ints
from thesisvault.analytics.kernels import Floats, Kernel
from thesisvault.language.functions.arguments import read_basis, read_target
from thesisvault.language.functions.entry import A, B, Called, Function, Param, W, X
from thesisvault.language.functions.prices import close
from thesisvault.language.kinds import NUMBER, Typed
from thesisvault.language.tracks.combined import ARITHMETIC, Combined, Rule
from thesisvault.language.tracks.track import Missing, Track
from thesisvault.language.tracks.windowed import Source


def _ret(call: Called) -> Track:
    basis = read_basis(call.plain("basis")) if call.has("basis") else "total"
    of = call.series("x", basis, nearest=False)
    return call.seen.windowed(of, call.window, kernels.returned, call.typed, "span", one=single.returned)


def _cagr(call: Called) -> Track:
    def kernel(source: Source) -> Kernel:
        return lambda values, base, end: kernels.annual_growth(values, source.dated.days, base, end)

    short = "a window of less than a year is not annualized"
    of = call.series("x")
    return call.seen.windowed(of, call.window, kernel, call.typed, "span", per_source=True, otherwise=short)


def _change(call: Called) -> Track:
    of = call.series("x")
    return call.seen.windowed(of, call.window, kernels.changed, call.typed, "span", one=single.changed)


def _ratio(call: Called) -> Track:
    sides = (call.series("a"), call.series("b"))
    return Combined(ARITHMETIC["/"], sides, call.typed, call.seen.memory.calendars)


def _spread(call: Called) -> Track:
    joint = call.seen.joint(call.series("a"), call.series("b"), Typed(NUMBER))
    return call.seen.windowed(joint, call.window, _spread_of, call.typed, "span", one=single.spread)


def _spread_of(both: Floats, base: Ints, end: Ints) -> Floats:
    moved = kernels.returned(both, base, end)
    return moved[:, 0] - moved[:, 1]


def _upside(call: Called) -> Track:
    target = read_target(call.plain("target"))
    price = close(call)
    if isinstance(price, Missing):
        return Missing(price.reason, call.typed, price.facts, price.name)
    rule = Rule(lambda p: target / p - 1 if p else float("nan"), lambda p: target / p - 1)
    return Combined(rule, (price,), call.typed, call.seen.memory.calendars)


FUNCTIONS = (
    Function(
        "cagr",
        (X, W),
        "total return over a window of a year or more, as a rate per year",
        _cagr,
    ),
    Function(
        "ret",
        (X, W, Param("basis", "basis", optional=True)),
        "total return over a window; basis='price' leaves dividends out",
        _ret,
    ),
    Function("change", (X, W), "the difference over a window, for rates and macro series", _change),
    Function("ratio", (A, B), "one total-return index divided by another", _ratio),
    Function("spread", (A, B, W), "ret(a, w) - ret(b, w)", _spread),
    Function(
        "upside",
        (Param("x", "single"), Param("target", "target")),
        "target price over the last close, minus one",
        _upside,
    ),
)

"""Baskets, exchange rates and renamed tickers as they are written: what they become, and what is refused and where."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import jsonschema
import pytest

from thesisvault.definitions.library import link_names
from thesisvault.session import Session

NOW = dt.datetime(2024, 7, 1, 12, tzinfo=dt.UTC)
INSTRUMENTS = """\
SPY: {name: The market, kind: etf}
XOM: {name: Exxon, kind: stock}
CVX: {name: Chevron, kind: stock}
COP: {name: Conoco, kind: stock}
SHEL.L: {name: Shell, kind: stock, currency: GBP, exchange: XLON}
META: {name: Meta Platforms, short: Meta, kind: stock}
FB: {name: Facebook, kind: stock, aliases: [The social network], renamed_to: META}
"""


@pytest.fixture
def opened(tmp_path: Path):
    def open_with(basket: str = "", *, instruments: str = "", settings: str = "", **files: str) -> Session:
        (tmp_path / "data" / "baskets").mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / "instruments.yaml").write_text(INSTRUMENTS + instruments, encoding="utf-8")
        (tmp_path / "thesisvault.yaml").write_text(settings, encoding="utf-8")
        if basket:
            (tmp_path / "data" / "baskets" / "oil.yaml").write_text(basket, encoding="utf-8")
        for name, text in files.items():
            path = tmp_path / "data" / "baskets" / f"{name.replace('_', '-')}.yaml"
            path.write_text(text, encoding="utf-8")
        return Session(tmp_path, NOW)

    return open_with


def found(opened: Session) -> list[str]:
    return [str(finding) for finding in opened.findings]


def record(opened: Session, name: str = "oil"):
    assert found(opened) == []
    return opened.library.records[1][name]


# What a basket becomes ------------------------------------------------------------------------------------------------


def test_equal_fixed_and_capped_weights(opened):
    equal = record(opened("title: Oil\nmembers: [XOM, CVX]\n"))
    assert (equal.weights, equal.members, equal.cap) == ("equal", (("XOM", None), ("CVX", None)), None)
    fixed = record(opened("title: Oil\nmembers: {XOM: 60%, CVX: 40%}\ncap: 55%\nrebalance: [2024-03-01]\n"))
    assert (fixed.weights, fixed.members, fixed.cap) == ("fixed", (("XOM", 0.6), ("CVX", 0.4)), 0.55)
    assert fixed.rebalance == (dt.date(2024, 3, 1),)


def test_weights_by_date(opened):
    dated = record(opened("title: Oil\nmembers: {2015-01-02: {XOM: 60%, CVX: 40%}, 2020-06-30: [COP, XOM, CVX]}\n"))
    third = pytest.approx(1 / 3)
    assert dated.weights == "dated"
    assert dated.dated[0] == (dt.date(2015, 1, 2), (("XOM", 0.6), ("CVX", 0.4)))
    assert dated.dated[1] == (dt.date(2020, 6, 30), (("COP", third), ("XOM", third), ("CVX", third)))
    assert dated.tickers == ("XOM", "CVX", "COP")


def test_members_of_a_dated_basket_are_the_newest(opened):
    library = opened("title: Oil\nmembers: {2015-01-02: [XOM, CVX], 2020-06-30: [COP]}\n").library
    assert library.members("oil") == ("COP",)
    assert library.baskets["oil"].names == ("XOM", "CVX", "COP")


def test_the_currency_is_its_own_or_that_of_the_settings(opened):
    assert record(opened("title: Oil\nmembers: [XOM]\n")).currency == "USD"
    assert record(opened("title: Oil\nmembers: [XOM]\n", settings="home_currency: EUR\n")).currency == "EUR"
    own = opened("title: Oil\nmembers: [XOM]\ncurrency: GBP\n", settings="home_currency: EUR\n")
    assert record(own).currency == "GBP"


def test_a_rate_that_a_basket_needs_is_among_the_instruments(opened):
    implicit = opened("title: Oil\nmembers: [XOM, SHEL.L]\n")
    assert found(implicit) == []
    rate = implicit.library.records[0]["GBPUSD=X"]
    assert (rate.kind, rate.currency, rate.price_of) == ("currency", "USD", "GBP")
    assert "GBPUSD=X" not in implicit.library.instruments  # it has no note
    defined = opened(instruments="CABLE: {name: The pound, kind: currency, price_of: GBP}\n")
    assert found(defined) == []
    assert "GBPUSD=X" not in defined.library.records[0]


def test_a_basket_among_members_counts_by_what_it_holds_and_the_cap_by_ticker(opened):
    nested = record(
        opened("title: Oil\nmembers: {majors: 60%, COP: 40%}\ncap: 35%\n", majors="title: M\nmembers: [XOM, CVX]\n")
    )
    assert dict(nested.members) == pytest.approx({"XOM": 0.3, "CVX": 0.3, "COP": 0.4})
    assert nested.cap == 0.35  # 35 % of two names would reach 70 %, of three tickers it reaches 105 %


# Mistakes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("members: {XOM: 60%, CVX: 30%}", "2:10", "the weights sum to 90%, not 100%"),
        ("members: {XOM: 60%, CVX: 60%}", "2:10", "the weights sum to 120%, not 100%"),
        ("members:\n  2015-01-02: {XOM: 1}\n  2020-06-30: {XOM: 60%, CVX: 30%}", "4:15", "2020-06-30: the weights sum"),
        ("members:\n  2015-01-02: [XOM]\n  CVX: 40%", "4:3", '"CVX" is not a day, but other keys are'),
        ("members:\n  CVX: 40%\n  2015-01-02: [XOM]", "3:3", '"CVX" is not a day, but other keys are'),
        ("members:\n  2020-06-30: [XOM]\n  2015-01-02: [CVX]", "4:3", "2015-01-02 comes after 2020-06-30"),
        ("members:\n  2015-01-02: [XOM]\n  2015-01-02: [CVX]", "4:3", "is duplicated"),
        ("members:\n  2015-02-30: [XOM]", "3:3", "not in the calendar"),
        ("members:\n  2.1.2015: [XOM]", "3:3", "2015-01-02"),
        ("members:\n  2015-01-02: []", "3:15", "nothing is held"),
        ("members:\n  2015-01-02: XOM", "3:15", "expected a list or a mapping"),
        ("members: XOM", "2:10", "expected a list or a mapping, found"),
        ("members: {2015-01-02: [XOM, XOM]}", "2:29", "XOM is duplicated"),
        ("members: {2015-01-02: [XOM, CXV]}", "2:29", 'Did you mean "CVX"?'),
        (
            "members: [XOM, CVX]\ncap: 40%",
            "3:6",
            "40% each of 2 members reaches 80%, not 100%. Raise it to 50% or more",
        ),
        (
            "members: {2015-01-02: [XOM, CVX, COP], 2020-06-30: [XOM, CVX]}\ncap: 40%",
            "3:6",
            "40% each of 2 members from 2020-06-30 on reaches 80%",
        ),
        ("members: [XOM, CVX]\ncap: 0%", "3:6", "above 0% and at most 100%, found 0%"),
        ("members: [XOM, CVX]\ncap: 120%", "3:6", "found 120%"),
        ("members: [XOM, CVX]\ncurrency: eur", "3:11", 'three letters, such as EUR, found "eur". Write EUR.'),
        ("members: {2015-01-02: [XOM]}\nbase: 2014-01-02", "3:7", "members are named from 2015-01-02 on only"),
        ("members: [XOM, CVX]\nweights: equal", "3:1", 'unknown key "weights"'),
        ("members: [XOM, XOM | CVX]", "2:16", "a basket holds tickers"),
        ("members: [META, FB]", "2:17", '"FB" and "META" are one and the same since a renaming'),
        ("members: [XOM, held]", "2:16", 'the basket "held" has a cap and is part of another here'),
        ("members: {2020-01-02: [XOM, moved]}", "2:29", 'the basket "moved" has members that change by date'),
    ],
)
def test_a_wrong_basket_is_refused_at_its_place(opened, text, place, words):
    others = {
        "held": "title: Held\nmembers: [CVX, COP]\ncap: 60%\n",
        "moved": "title: Moved\nmembers: {2015-01-02: [CVX, COP]}\n",
    }
    findings = found(opened(f"title: Oil\n{text}\n", **others))
    assert any(f"oil.yaml:{place}: " in each and words in each for each in findings), findings


def test_a_basket_with_rules_of_its_own_is_a_side_alone_and_not_among_others(opened, tmp_path):
    (tmp_path / "data" / "theses").mkdir(parents=True)
    path = tmp_path / "data" / "theses" / "one.yaml"
    path.write_text("title: One\nbuy: {hold: [oil]}\n", encoding="utf-8")
    assert found(opened("title: Oil\nmembers: [XOM, CVX]\ncap: 60%\n")) == []
    path.write_text("title: One\nbuy: {hold: [oil, COP]}\n", encoding="utf-8")
    assert ["one.yaml:2:14: the basket" in each for each in found(opened())] == [True]


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ("OLD: {name: Old, kind: stock, renamed_to: METTA}", "8:43", 'Did you mean "META"?'),
        ("OLD: {name: Old, kind: stock, renamed_to: META}", "8:43", '"FB" and "OLD" were both renamed to "META"'),
        ("OLD: {name: Old, kind: stock, renamed_to: OLD}", "8:43", "the renamings form a loop: OLD to OLD"),
        ("OLD: {name: Old, kind: etf, renamed_to: FB}", "8:41", "of kind etf"),
        ("EURUSD=X: {name: Euro, kind: currency, currency: EUR}", "8:50", "is the price of EUR in USD"),
        ("EUR: {name: Euro, kind: currency, price_of: USD}", "8:45", "both USD"),
        ("EUR: {name: Euro, kind: stock, price_of: EUR}", "8:42", "belongs to an exchange rate"),
        ("EUR: {name: Euro, kind: stock, currency: Euro}", "8:42", "expected a currency as its three letters"),
    ],
)
def test_a_wrong_instrument_is_refused_at_its_place(opened, line, place, words):
    findings = found(opened(instruments=line + "\n"))
    assert any(f"instruments.yaml:{place}: " in each and words in each for each in findings), findings


def test_baskets_that_hold_one_another_are_refused(opened):
    ring = opened("title: Oil\nmembers: [gas, XOM]\n", gas="title: Gas\nmembers: [oil, CVX]\n")
    assert sum("hold one another in a ring: gas > oil > gas" in each for each in found(ring)) == 1
    itself = opened("title: Oil\nmembers: [oil, XOM]\n", gas="title: Gas\nmembers: [CVX]\n")
    assert ["holds itself" in each for each in found(itself)] == [True]


def test_renamings_that_go_round_are_refused(opened):
    more = "A: {name: A co, kind: stock, renamed_to: B}\nB: {name: B co, kind: stock, renamed_to: A}\n"
    assert any("the renamings form a loop: A to B to A" in each for each in found(opened(instruments=more)))


# Renamed tickers ------------------------------------------------------------------------------------------------------


def test_an_old_name_means_the_new_one_everywhere(opened):
    both = opened("title: Oil\nmembers: {FB: 60%, XOM: 40%}\n")
    assert record(both).members == (("META", 0.6), ("XOM", 0.4))
    library = both.library
    assert library.records[0]["META"].formerly == ("FB",)
    assert library.records[0]["FB"].renamed_to == "META"
    targets = {name: (kind, key) for name, kind, key in link_names(library)}
    for name in ("FB", "Facebook", "The social network", "META", "Meta Platforms"):
        assert targets[name] == ("instrument", "META")
    assert library.labels["FB"] == library.labels["META"] == "META"


def test_names_that_followed_one_another_are_all_known_to_the_newest(opened):
    more = "TFB: {name: The Facebook, kind: stock, renamed_to: FB}\n"
    library = opened(instruments=more).library
    assert library.records[0]["META"].formerly == ("FB", "TFB")
    assert library.current("TFB") == "META"


def test_an_old_name_may_be_the_same_as_the_new_one(opened):
    assert found(opened(instruments="MVRS: {name: Facebook, kind: stock, renamed_to: FB}\n")) == []


def test_a_universe_holds_the_new_name_once(opened, tmp_path):
    (tmp_path / "data" / "universes").mkdir(parents=True)
    (tmp_path / "data" / "universes" / "three.txt").write_text("FB XOM META\n", encoding="utf-8")
    assert opened().library.universes["three"] == ("META", "XOM")


@pytest.mark.parametrize(
    ("ticker", "more", "pair"),
    [
        ("EURUSD=X", "", ("EUR", "USD")),
        ("USDJPY", "", ("USD", "JPY")),
        ("JPY=X", "", ("USD", "JPY")),
        ("EURGBP=X", "", ("EUR", "GBP")),
        ("EUROPE", ", price_of: EUR, currency: CHF", ("EUR", "CHF")),
    ],
)
def test_a_rate_is_read_from_its_ticker(opened, ticker, more, pair):
    library = opened(instruments=f"{ticker}: {{name: A rate, kind: currency{more}}}\n").library
    rate = library.records[0][ticker]
    assert (rate.price_of, rate.currency) == pair


# Editors --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def schema(root: Path):
    return jsonschema.Draft202012Validator(json.loads((root / "schema" / "basket.json").read_text()))


GOOD = [
    ["XOM", "CVX"],
    {"XOM": "60%", "CVX": 0.4},
    {"2015-01-02": {"XOM": "60%", "CVX": "40%"}, "2020-06-30": ["XOM", "CVX", "COP"]},
]
BAD = ["XOM", {"XOM": ["CVX"]}, {"2015-01-02": ["XOM"], "CVX": "40%"}, {"2015-01-02": "XOM"}, {"2.1.2015": ["XOM"]}]


@pytest.mark.parametrize("members", GOOD)
def test_an_editor_accepts_members_in_each_form(schema, members):
    schema.validate({"title": "Oil", "members": members, "cap": "60%", "currency": "EUR"})


@pytest.mark.parametrize("members", BAD)
def test_an_editor_refuses_what_is_none_of_them(schema, members):
    with pytest.raises(jsonschema.ValidationError):
        schema.validate({"title": "Oil", "members": members})

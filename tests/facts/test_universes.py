"""The shipped universes hold what the baskets and funds of the same idea hold."""

from __future__ import annotations

from tests.facts.conftest import Facts


def test_the_seven_are_those_of_the_basket(facts: Facts) -> None:
    basket = facts.library.baskets["magnificent-seven"]
    assert set(facts.library.universes["mag7"]) == set(basket.members)


def test_the_sectors_are_the_eleven_sector_funds(facts: Facts) -> None:
    funds = {ticker for ticker, each in facts.library.instruments.items() if each.name.endswith("Select Sector SPDR")}
    assert set(facts.library.universes["sectors"]) == funds
    assert len(funds) == 11


def test_a_universe_with_all_prices_says_nothing_of_them(facts: Facts) -> None:
    scope = facts.at("2026-02-27")
    assert scope.number("count(ret('sectors', 'ytd') > 0)").notes == ()
    assert "501 of 503" in " ".join(scope.number("count(ret('sp500', 'ytd') > 0)").notes)

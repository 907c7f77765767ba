"""Checks claims without prices: what is claimed fits the kind of what is computed."""

from __future__ import annotations

from collections.abc import Iterable

from thesisvault.blocks.core.claims import Claim
from thesisvault.blocks.core.expectations import misfit
from thesisvault.definitions.checks.check import Check, place
from thesisvault.language.check import Vocabulary, kind_of
from thesisvault.written import Written


def check_claims(check: Check, claims: Iterable[tuple[Claim, dict[str, str]]], vocabulary: Vocabulary) -> None:
    """Say what is wrong with claims.

    Args:
        check: The check on its way.
        claims: The claims, each with what names such as `row` stand for in it.
        vocabulary: The names that the definition knows.
    """
    said: set[str] = set()
    for claim, names in claims:
        problem, blamed = misfit(claim, kind_of(claim.check, vocabulary.where(names) if names else vocabulary))
        if problem and problem not in said:
            # The forty cells of a table are wrong in one way.
            if names:
                said.add(problem)
            check.say(problem + ".", place(blamed if isinstance(blamed, Written) else claim.check), "claim")

"""Templates of a stranger come to an end, make nothing gigantic and reach nothing; what ordinary ones do goes on."""

from __future__ import annotations

import tracemalloc

import pytest
from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError, TemplateError

from thesisvault.notes.sandbox import MOST_CHARACTERS, Sandbox

ENDLESS = [
    "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "{% for i in range(99999) %}" + "x" * 50 + "{% endfor %}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "{% set a = namespace(t='x') %}{% for i in range(60) %}{% set a.t = a.t ~ a.t %}{% endfor %}",
    "{% set a = namespace(t='x') %}{% for i in range(60) %}{% set a.t = a.t + a.t %}{% endfor %}",
    "{% set a = namespace(t=[1]) %}{% for i in range(60) %}{% set a.t = a.t + a.t %}{% endfor %}",
    "{% set a = namespace(t='xx') %}{% for i in range(60) %}{% set a.t = a.t | replace('x', 'xx') %}{% endfor %}",
    "{% set big = 'x' * 99999 %}{% for i in range(99) %}{{ big }}{% endfor %}",
]
AT_ONCE = [
    "{{ 'x' * 10**9 }}",
    "{{ 10**9 * 'x' }}",
    "{{ ([1] * 99999) * 99999 }}",
    "{{ ((1,) * 99999) | join('x' * 999) }}",
    "{{ 9**99999 }}",
    "{{ (9**1000) * (9**1000) }}",
    "{{ 'x' | center(10**9) }}",
    "{{ 'x' | indent(width=10**9) }}",
    "{{ [1] | batch(10**9, 'x') | list }}",
    "{{ [1] | slice(10**9) | list }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ 'x'.ljust(10**9) }}",
    "{{ 'x'.zfill(10**9) }}",
    "{{ '\t'.expandtabs(10**9) }}",
    "{{ ('x' * 9999).join('x' * 9999) }}",
]
ELSEWHERE = [
    "{{ ''.__class__.__mro__ }}",
    "{{ '' | attr('__class__') }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ '%1000000000d' | format(1) }}",
    "{{ lipsum(n=99) }}",
    "{{ [1, 2] | random }}",
    "{{ [1, 2] | map('upper') }}",
    "{{ 'x' ~ (['a'] | select) }}",
    "{{ cycler('a', 'b') }}",
    "{{ [cycler('a')] | join }}",
    "{{ cycler('a') | string }}",
    "{{ {'a': 1}.items() | map('first') | map('upper') | string }}",
]


@pytest.mark.parametrize("source", ENDLESS)
def test_what_would_go_on_for_ever_or_grow_is_stopped(source: str) -> None:
    with pytest.raises(SecurityError):
        Sandbox().from_string(source).render()


@pytest.mark.parametrize("source", AT_ONCE)
def test_what_would_make_a_giant_at_once_is_refused_before_it_is_made(source: str) -> None:
    tracemalloc.start()
    with pytest.raises(SecurityError):
        Sandbox().from_string(source).render()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 50_000_000


@pytest.mark.parametrize("source", ELSEWHERE)
def test_nothing_leads_to_the_machine_or_to_chance(source: str) -> None:
    with pytest.raises(TemplateError):
        str(Sandbox(undefined=StrictUndefined).from_string(source).render())


@pytest.mark.parametrize("source", ["{{ words }}", "{{ words ~ '' }}", "{{ words | map('upper') }}"])
def test_what_has_other_words_in_each_run_is_refused(source: str) -> None:
    with pytest.raises(SecurityError, match="has no words"):
        Sandbox().from_string(source).render(words=frozenset({"a", "b"}))


def test_two_notes_may_each_spend_the_whole() -> None:
    sandbox = Sandbox()
    template = sandbox.from_string("{{ text }}")
    text = "x" * (MOST_CHARACTERS - 100)
    sandbox.begin()
    assert template.render(text=text) == text
    with pytest.raises(SecurityError):
        template.render(text=text)
    sandbox.begin()
    assert template.render(text=text) == text


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{% for each in [1, 2, 3] %}{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}", "1, 2, 3"),
        ("{{ ['a', 'b'] | join(', ') ~ ' and ' ~ 3 }}", "a, b and 3"),
        ("{{ 'a-b' | replace('-', ' ') | upper }}", "A B"),
        ("{{ 'a\nb' | indent(2) }}", "a\n  b"),
        ("{{ 2 * 3 + 10 ** 2 - 7 % 4 }}", "103"),
        ("{{ '-' * 5 + '>' }}{{ 1.5 * 2 }}", "----->3.0"),
        ("{% macro m(x) %}<{{ x }}{{ caller() }}>{% endmacro %}{% call m(1) %}!{% endcall %}", "<1!>"),
        ("{{ [3, 1, 2] | sort | first }}{{ [1, 2, 3] | batch(2) | list }}", "1[[1, 2], [3]]"),
        ("{{ ['a', 'b'] | map('upper') | join(' ') }}{{ {'a': 1}.keys() }}", "A Bdict_keys(['a'])"),
        ("{{ 'a thing at 0x7f>' | upper }}{{ ' at 0x7f>' ~ 1 }}", "A THING AT 0X7F> at 0x7f>1"),
    ],
)
def test_what_templates_usually_do_is_done(source: str, shown: str) -> None:
    assert Sandbox().from_string(source).render() == shown

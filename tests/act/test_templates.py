"""Templates render whatever a person's attributes hold, and refuse at once what could hurt or never works."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.act.automations import SEEDS
from app.act.templates import MAX_TEXT, InvalidTemplate, check_template, one_line, render

EMMA = "Hi Emma! We miss you. Here's 20% off your next purchase: SAVE20"
WIN_BACK = next(one.template for one in SEEDS if one.trigger == "churn")
TEMPLATES = [
    *(one.template for one in SEEDS),
    "{{ first_name }}{{ lifetime_value | round }} {{ a }}{{ b }} {{ -c }}",
    "{% if total_orders > 3 %}{{ attributes.city | title }}{% elif x in y %}{{ z.a.b['c'][0] }}{% else %}-{% endif %}",
    "{% for p in product_names %}{{ loop.index }} {{ p | upper | truncate(5) }}{% endfor %}{{ product_names | join(' & ') }}",
    "{{ lifetime_value | round(2) }}{{ first_name | first }}{{ x | default('y') | length }}",
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["first_name", "lifetime_value", "total_orders", "attributes", "product_names", "product_name", "a", "b", "c", "x", "y", "z"]
)


def test_the_message_to_emma() -> None:
    assert render(WIN_BACK, {"first_name": "Emma"}, MAX_TEXT) == EMMA
    assert render(WIN_BACK, {}, MAX_TEXT) == EMMA.replace("Emma", "there")
    assert render(WIN_BACK, {"first_name": "{{ 7 * 7 }}"}, MAX_TEXT) == EMMA.replace("Emma", "{{ 7 * 7 }}")


@given(template=st.sampled_from(TEMPLATES), names=st.dictionaries(NAMES | st.text(max_size=8), VALUES, max_size=8))
def test_no_attribute_of_anybody_breaks_a_template(template: str, names: dict[str, object]) -> None:
    assert len(render(check_template(template), names, 100)) <= 100


def test_a_list_and_a_choice() -> None:
    text = "{% for p in product_names %}[{{ p }}]{% endfor %}{{ 'VIP' if lifetime_value >= 100 else '' }}{{ attributes.city }}"
    names = {"product_names": ["a", "b"], "lifetime_value": 120.5, "attributes": {"city": "Bern"}}
    assert render(check_template(text), names, MAX_TEXT) == "[a][b]VIPBern"
    assert render(check_template(text), {}, MAX_TEXT) == ""


@pytest.mark.parametrize(
    "template",
    [
        "{{ first_name",
        "{% if %}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ ''.__class__ }}",
        "{{ x.__init__.__globals__ }}",
        "{{ x['__class__'].y() }}",
        "{{ range(10) }}",
        "{% set x = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{% for a in b %}{% for c in d %}{% endfor %}{% endfor %}",
        "{% include 'x' %}",
        "{{ x | replace('', 'aa') }}",
        "{{ '%1000000000d' | format(1) }}",
        "{{ x + x }}",
        "{{ x ~ x }}",
        "{{ x * 9 }}",
        "{{ [x] * 9 }}",
        "{{ x.join(y) }}",
        "{{ lipsum(9) }}",
        "{{ x | center(999999999) }}",
        "{{ x | indent(999999999) }}",
        "{{ x | list | list }}",
        "{{ x[::1] }}",
        "{% filter upper %}{{ x }}{% endfilter %}",
        "{% set x %}{{ x }}{{ x }}{% endset %}",
        "{% from 'x' import y %}",
        "{% for a in b recursive %}{{ a }}{% endfor %}",
        "{{ x | the first entries }}",
        "{{ _secret }}",
        "{{ x is callable }}",
        "x" * 5_000,
        "{{ " + "(" * 3_000 + "1",
    ],
)
def test_refused(template: str) -> None:
    with pytest.raises(InvalidTemplate):
        check_template(template)


def nested_joins(depth: int) -> str:
    """Each level would be fifty times the one within it."""
    inner = "'x'"
    for _ in range(depth):
        inner = f"p|join({inner})"
    return "{{ " + inner + " }}"


KILLERS = {
    "nested joins": nested_joins(60),
    "nested joins of literals": nested_joins(10).replace("p|", "[" + ",".join("'y'" for _ in range(80)) + "]|"),
    "joins of joins": "{{ [" + ",".join("p|join(q)" for _ in range(200)) + "] | join(p|join) | upper }}",
    "letters that grow": "{{ q" + " | upper | title" * 30 + " }}",
    "a long loop": "{% for one in p %}{{ one }}{{ p }}{{ p|join(q) }}{% endfor %}",
    "an empty loop": "{% for one in p %}{% endfor %}" * 100,
    "maps in maps": "{{ m }}{{ m.m }}{{ m|upper }}{{ [m, m]|join }}",
    "text": "{{ q }}" * 500,
}
PIECES = st.sampled_from([
    "{{ p }}", "{{ q|upper }}", "{{ p|join(q) }}", "{{ p|join(p|join(q)) }}", "{{ m }}", "{{ q|default(p)|title }}", "text",
    "{% for one in p %}{{ one|upper }}{{ p|join(one) }}{% endfor %}", "{% if p > q %}{{ m.m }}{% else %}{{ -q }}{% endif %}",
    "{{ [p, q, m]|join }}", "{{ q|truncate(999999999) }}", "{{ 'x'|truncate(q|length) }}", "{{ n|round(999999999) }}",
])  # fmt: skip
LARGE = {"p": ["\u0390" * 100_000] * 100_000, "q": "\u0390" * 1_000_000, "m": {"m": ["x" * 10_000] * 10_000}, "n": 10**4_000}


def most_memory(template: str) -> int:
    """Bytes that compiling and rendering a template held at once, with attributes far larger than anybody's."""
    tracemalloc.start()
    try:
        assert len(render(check_template(template), LARGE, MAX_TEXT)) <= MAX_TEXT
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("template", KILLERS.values(), ids=KILLERS.keys())
def test_what_would_grow_without_end_does_not(template: str) -> None:
    assert most_memory(template) < 20_000_000


@settings(max_examples=30, deadline=None)
@given(pieces=st.lists(PIECES, max_size=12))
def test_no_template_holds_more_than_a_few_megabytes(pieces: list[str]) -> None:
    assert most_memory("".join(pieces)) < 20_000_000


def test_a_list_is_shown_as_its_entries() -> None:
    assert render("{{ product_names }}", {"product_names": ["a", "b"]}, MAX_TEXT) == "a, b"


def test_a_template_that_was_stored_before_it_was_looked_at_is_looked_at() -> None:
    with pytest.raises(InvalidTemplate):
        render("{{ x * 9 }}", {"x": "y"}, MAX_TEXT)


def test_what_has_grown_too_long_ends() -> None:
    template = "{% for p in product_names %}{{ p }}{% endfor %}"
    assert len(render(template, {"product_names": ["x" * 1_000] * 1_000_000}, MAX_TEXT)) == MAX_TEXT


def test_objects_do_not_give_their_attributes() -> None:
    assert render("{{ a.imag }}{{ a['real'] }}{{ b.upper }}", {"a": 5, "b": "x"}, MAX_TEXT) == ""


def test_a_header_stays_one_line() -> None:
    assert one_line("Hi\r\nBcc: everybody@example.com\x00 you\u2028there") == "Hi Bcc: everybody@example.com you there"

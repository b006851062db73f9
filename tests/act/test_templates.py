"""Templates render whatever a person's attributes hold, and refuse at once what could hurt or never works."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.act.automations import SEEDS
from app.act.templates import MAX_TEXT, InvalidTemplate, check_template, one_line, render

EMMA = "Hi Emma! We miss you. Here's 20% off your next purchase: SAVE20"
WIN_BACK = next(one.template for one in SEEDS if one.trigger == "churn")
TEMPLATES = [
    *(one.template for one in SEEDS),
    "{{ first_name + 1 }}{{ lifetime_value - 2 }} {{ a ~ b }} {{ -c }}",
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
        "{{ _secret }}",
        "{{ x is callable }}",
        "x" * 5_000,
        "{{ " + "(" * 3_000 + "1",
    ],
)
def test_refused(template: str) -> None:
    with pytest.raises(InvalidTemplate):
        check_template(template)


def test_what_has_grown_too_long_ends() -> None:
    template = "{% for p in product_names %}{{ p }}{% endfor %}"
    assert len(render(template, {"product_names": ["x" * 1_000] * 1_000_000}, MAX_TEXT)) == MAX_TEXT


def test_objects_do_not_give_their_attributes() -> None:
    assert render("{{ a.imag }}{{ a['real'] }}{{ b.upper }}", {"a": 5, "b": "x"}, MAX_TEXT) == ""


def test_a_header_stays_one_line() -> None:
    assert one_line("Hi\r\nBcc: everybody@example.com\x00 you\u2028there") == "Hi Bcc: everybody@example.com you there"

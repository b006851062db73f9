"""Answers of the Cypher door as tables, drawings and files. Pure."""

import csv
import io
from typing import Any

import orjson
import pytest
from arro3.io import read_parquet

from app.console import answers
from app.console.answers import Answer, Cell, answer_of, drawing_of, table_of
from app.console.cookbook import LISTED, Recipe, recipe_of
from app.console.exports import csv_of, kind_of, neutral, parquet_of
from app.console.query import LONGEST_ADDRESS, Asked, parameters_in
from app.domain.errors import BadInput
from app.graph.queries import names


def answer(columns: str, *rows: list[Any]) -> Answer:
    return Answer(tuple(columns.split()), list(rows), False, 1.0)


def node(key: str, label: str = "Profile", **properties: Any) -> dict[str, Any]:
    return {"id": key, "labels": [label], "properties": properties}


def edge(key: str, start: str, end: str) -> dict[str, Any]:
    return {"id": key, "type": "KNOWS", "start": start, "end": end, "properties": {}}


@pytest.mark.parametrize("text", ["=1+1", "+1555", "-1", "@sum", "\tx", "\rx", "\nx", "\uff1dx", "\uff20x"])
def test_no_spreadsheet_calculates_a_text(text: str) -> None:
    assert neutral(text) == f"'{text}"
    written = b"".join(csv_of(answer(f"{text.strip()}", [text]))).decode()
    assert list(csv.reader(io.StringIO(written, newline="")))[1] == [f"'{text}"]


def test_other_texts_and_numbers_stay_as_they_are() -> None:
    assert [neutral(text) for text in ("", "1-1", "a@x.org", " =1", "'=1")] == ["", "1-1", "a@x.org", " =1", "'=1"]
    assert b"".join(csv_of(answer("n", [-5], [-0.5]))) == b"n\r\n-5\r\n-0.5\r\n"


def test_csv_is_as_rfc_4180_says() -> None:
    found = answer("a =b", ['say "hi", all', None], ["two\r\nlines", True], [["x", 1], {"k": None}])
    assert b"".join(csv_of(found)).decode() == (
        'a,\'=b\r\n"say ""hi"", all",\r\n"two\r\nlines",true\r\n"[""x"",1]","{""k"":null}"\r\n'
    )
    many = answer("n", *([number] for number in range(1_234)))
    assert len(list(csv_of(many))) == 4
    assert b"".join(csv_of(many)).count(b"\r\n") == 1_235


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None, -2], "int"), ([1, 2.5], "float"), ([0.5], "float"), ([2**53 + 1, 0.5], "json"), ([True, None], "bool"),
        ([True, 1], "json"), (["a"], "text"), ([None], "text"), ([], "text"), (["a", 1], "json"), ([["a"]], "json"),
    ],
)  # fmt: skip
def test_a_column_of_parquet_has_the_type_of_its_values(values: list[object], kind: str) -> None:
    assert kind_of(values) == kind


def test_parquet_holds_what_was_answered() -> None:
    file = io.BytesIO(parquet_of(answer("n f t o none", [1, 1, "=a", {"k": [1]}, None], [None, 0.5, None, "x", None])))
    table = read_parquet(file).read_all()
    assert {name: table[name].to_pylist() for name in table.column_names} == {
        "n": [1, None], "f": [1.0, 0.5], "t": ["=a", None], "o": ['{"k":[1]}', '"x"'], "none": [None, None],
    }  # fmt: skip
    assert read_parquet(io.BytesIO(parquet_of(answer("empty")))).read_all().num_rows == 0


def test_a_table_shows_each_kind_and_says_what_it_cuts() -> None:
    table = table_of(answer("a b", [1, None], ["x" * 301, [1]]))
    assert table.rows == (
        (Cell("1", "number"), Cell("", "null")),
        (Cell("x" * 300 + " ...", "text"), Cell("[1]", "other")),
    )
    assert table.cut == 1


def test_what_is_of_the_graph_is_said_as_cypher_writes_it() -> None:
    ada, mail = node("1", first="Ada"), node("2", "Identifier", value="ada@example.com")
    path = {"nodes": [ada, mail], "relationships": [edge("r", "1", "2")]}
    table = table_of(answer("a b c d", [ada, edge("r", "1", "2"), path, {"nodes": 1, "relationships": 2}]))
    assert [cell.text for cell in table.rows[0]] == [
        '(:Profile {"first":"Ada"})',
        "[:KNOWS {}]",
        "Profile - ada@example.com",
        "1",
    ]


def test_a_wide_answer_shows_fewer_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_CELLS", 6)
    assert len(table_of(answer("a b", *([1, 2] for _ in range(5)))).rows) == 3


def test_each_thing_is_drawn_once_wherever_it_lies() -> None:
    ada, mail = node("1", first="Ada"), node("2", "Identifier", value="ada@example.com")
    path = {"nodes": [ada, mail], "relationships": [edge("r", "1", "2"), edge("away", "1", "9")]}
    drawing = drawing_of([[path, 5], [[{"deep": mail}], "text"]])
    assert [one["caption"] for one in drawing.nodes.values()] == ["Profile", "ada@example.com"]
    assert [(one["source"], one["target"]) for one in drawing.edges.values()] == [("1", "2")]
    assert drawing.labels() == {"Profile": 1, "Identifier": 1}
    assert orjson.loads(drawing.to_json())["edges"] == list(drawing.edges.values())


def test_a_map_of_somebodys_own_is_no_node() -> None:
    odd = [
        {"id": 1, "labels": "x", "properties": {}},
        {"id": 1, "labels": [1], "properties": {}},
        {"id": 1, "labels": [], "properties": 3},
    ]
    assert drawing_of([odd]).nodes == {}


def test_more_nodes_than_can_be_seen_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_DRAWN", 2)
    drawing = drawing_of([[node(key) for key in "abcab"], [edge("r", "a", "c")]])
    assert (list(drawing.nodes), list(drawing.edges), drawing.left_out) == (["a", "b"], [], 1)


def test_what_is_no_object_is_no_parameters() -> None:
    assert (parameters_in(""), parameters_in('{"a": 1}')) == ({}, {"a": 1})
    for text in ("[1]", "{a: 1}", "x"):
        with pytest.raises(BadInput, match="parameters: "):
            parameters_in(text)


def test_an_address_holds_the_query_unless_it_is_too_long() -> None:
    assert Asked("RETURN 1", "", 100).address == "?q=RETURN+1&rows=100"
    assert Asked("R" * LONGEST_ADDRESS).address == ""


def test_every_worked_query_is_listed_and_says_what_it_is_for() -> None:
    assert sorted(LISTED) == [name for name in names() if name.startswith("cookbook/")]
    recipe = recipe_of('// Title: it says so.\n// in: {"value": 1}\nRETURN $value')
    assert recipe == Recipe("Title", "It says so.", "RETURN $value", '{"value": 1}')


def test_an_answer_is_read_as_the_door_writes_it() -> None:
    body = b'{"data":{"columns":["n"],"rows":[[1]],"truncated":true,"ms":2.5}}'
    assert answer_of(body) == Answer(("n",), [[1]], True, 2.5)

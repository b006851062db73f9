"""Documentation that cannot rot: the reference is what the code says, and the README's commands exist."""

from pathlib import Path

from docs.generate import TARGET, reference

ROOT = Path(__file__).resolve().parents[1]


def test_the_reference_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == reference(), "run: make docs"


def test_no_statement_is_without_a_caller() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    names = [path.relative_to(ROOT / "cypher").with_suffix("").as_posix() for path in (ROOT / "cypher").rglob("*.cypher")]
    assert [name for name in names if f'"{name}"' not in code] == []


def test_the_readme_names_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in ("run", "test", "serve", "bench", "lint"):
        assert f"make {target}" in readme
        assert f"\n{target}:" in makefile

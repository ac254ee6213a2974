"""The rules of the house, as far as the import contract in pyproject.toml does not say them."""

from __future__ import annotations

import ast
import functools
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from data import PROJECT, draw_lines

PACKAGE = PROJECT / "image2map_gui"
TOOLKIT = ("PySide6", "shiboken6", "pyqtgraph")
HEAVY = (*TOOLKIT, "numpy", "scipy", "sklearn", "PIL")
MODULES = sorted(PACKAGE.rglob("*.py"))


def every_module(check: Callable[[Path], None]) -> Callable[[], None]:
    """Make a test of a check: one for all modules, since two thousand tests take their time."""

    def test() -> None:
        for module in MODULES:
            try:
                check(module)
            except AssertionError as wrong:
                raise AssertionError(f"{module.relative_to(PACKAGE)}: {wrong}") from wrong

    test.__name__ = check.__name__
    return test


def python(*arguments: str, **environment: str) -> str:
    """Run Python in a fresh process and return what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_by(statements: str) -> set[str]:
    """The top-level packages in memory after some statements in a fresh process."""
    seen = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    return set(python("-c", f"{statements}\n{seen}").split())


def dotted(path: Path) -> str:
    names = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


@functools.cache
def parsed(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def imports(module: Path) -> Iterator[str]:
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out in full"
            yield node.module or ""


def test_all_of_the_core_can_be_loaded_without_the_window_toolkit() -> None:
    core = [dotted(path) for path in MODULES if PACKAGE / "core" in path.parents]
    assert len(core) > 25
    loaded = loaded_by("\n".join(f"import {name}" for name in core))
    assert "numpy" in loaded
    assert not loaded & set(TOOLKIT)


def test_scipy_and_scikit_learn_are_loaded_only_where_they_are_needed() -> None:
    core = [dotted(path) for path in MODULES if PACKAGE / "core" in path.parents]
    assert not loaded_by("\n".join(f"import {name}" for name in core)) & {"scipy", "sklearn"}


@every_module
def test_only_the_window_knows_its_toolkit(module: Path) -> None:
    if PACKAGE / "ui" not in module.parents:
        assert not [name for name in imports(module) if name.startswith(TOOLKIT)]


@every_module
def test_every_module_opens_with_a_sentence(module: Path) -> None:
    sentence = ast.get_docstring(parsed(module))
    assert sentence
    assert sentence.splitlines()[0].endswith(".")


@every_module
def test_packages_hold_nothing_but_their_sentence(module: Path) -> None:
    if module.name != "__init__.py":
        return
    _, *rest = parsed(module).body
    if module.parent == PACKAGE:
        (version,) = rest
        assert isinstance(version, ast.Assign)
        assert ast.unparse(version.targets[0]) == "__version__"
    else:
        assert not rest


def test_no_two_test_modules_have_the_same_name() -> None:
    names = [path.name for path in (PACKAGE.parent / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names)), "pytest takes the one for the other"


@every_module
def test_no_exception_leaves_the_handler_of_an_event(module: Path) -> None:
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.FunctionDef) and re.fullmatch(
            r"\w+Event|event|eventFilter", node.name
        ):
            assert [ast.unparse(one) for one in node.decorator_list] == ["guarded"], node.name


@every_module
def test_nothing_is_pickled_evaluated_or_run(module: Path) -> None:
    banned = {"pickle", "marshal", "shelve", "subprocess", "socket", "urllib", "http", "ctypes"}
    assert not banned & {name.partition(".")[0] for name in imports(module)}
    tree = parsed(module)
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not called & {"eval", "exec", "os.system", "os.popen", "np.load"}


@every_module
def test_the_core_and_the_commands_draw_lots_of_their_own(module: Path) -> None:
    """Chance comes from a generator with a seed, never from the dice all programs share."""
    tree = parsed(module)
    used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    shared = {name for name in used if re.fullmatch(r"np\.random\.\w+", name)}
    assert shared <= {"np.random.default_rng", "np.random.Generator"}
    assert "random" not in set(imports(module))


def test_the_version_is_told_without_loading_anything_heavy() -> None:
    loaded = loaded_by("from image2map_gui.cli import main\nassert main(['--version']) == 0")
    assert not loaded & {*HEAVY, "argparse", "natsort", "tqdm"}


def test_only_open_loads_the_window_toolkit(tmp_path: Path) -> None:
    pictures, project = draw_lines(tmp_path / "lines", 5), tmp_path / "map.i2m"
    commands = [
        ["sample", "lines", str(tmp_path / "more"), "--count", "2"],
        ["train", str(pictures), "-o", str(project), "--rows", "2", "--columns", "2"],
        ["info", str(project)],
        ["classify", str(project), str(pictures), "--csv", str(tmp_path / "a.csv")],
        ["evaluate", str(project), str(pictures)],
        ["info", str(tmp_path / "none.i2m")],
        ["nonsense"],
    ]
    codes = f"[main(command) for command in {commands!r}]"
    statements = f"from image2map_gui.cli import main\nassert {codes} == [0, 0, 0, 0, 0, 1, 2]"
    loaded = loaded_by(statements)
    assert "numpy" in loaded
    assert not loaded & set(TOOLKIT)


def test_the_import_contract_is_kept() -> None:
    if importlib.util.find_spec("importlinter") is None:
        pytest.skip("import-linter is not installed")
    command = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    assert "0 broken" in python("-c", command, PYTHONPATH=str(PROJECT))


def test_tests_of_the_core_lie_where_lies_what_they_test() -> None:
    for path in (PROJECT / "tests/core").rglob("test_*.py"):
        assert (PACKAGE / path.parent.relative_to(PROJECT / "tests")).is_dir()

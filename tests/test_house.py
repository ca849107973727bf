"""The rules of the house, checked on the source, so that no reviewer has to.

Each rule takes a parsed file and yields its breaches. Every rule is tested first on snippets that
break it and on snippets that keep it, and then applied to the whole tree. Only the last tests
import the lab, in processes of their own.
"""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
FOLDERS = ("nncore", "ui", "pages")

#: They run in worker processes: importing them imports TensorFlow.
WORKER_FILES = (
    "nncore/training/model.py",
    "nncore/training/device_data.py",
    "nncore/training/compiled_model.py",
    "nncore/training/model_pool.py",
    "nncore/training/engine.py",
    "nncore/training/augment.py",
    "nncore/training/fine_tuning.py",
)
#: What the server calls on workers by name; it may import TensorFlow, but only when it runs there.
TASKS = "nncore/runtime/tasks.py"
#: They train in the process that calls them, and import TensorFlow then: for notebooks and scripts.
IN_PROCESS = (
    "nncore/api.py",
    "nncore/training/in_process.py",
    "nncore/training/in_process.py",
)
#: What the server must not import of them, also by their public names.
IN_PROCESS_NAMES = (
    "nncore.api",
    "nncore.train",
    "nncore.TrainedModel",
    "nncore.training.in_process",
    "nncore.training.in_process",
)
PLOTLY = "ui/workbench/plotly_figure.py"
STATE = "ui/core/state.py"
SERVER = "ui/core/server.py"
CACHES = ("ui/core/resources.py", "ui/core/cached_results.py")
CHARTS = "ui/charts/"

KERAS = ("tensorflow", "keras")
SLOW = (
    *("pandas", "distributed", "dask", "mlxtend", "matplotlib", "sklearn", "scipy"),
    *("sqlalchemy", "psycopg"),
)
#: They import SQLAlchemy, and are imported when somebody opens the first class.
DATABASE_FILES = (
    "ui/class_store/boards.py",
    "ui/class_store/database.py",
    "ui/class_store/export.py",
    "ui/class_store/members.py",
    "ui/class_store/retirement.py",
    "ui/class_store/rows.py",
    "ui/class_store/store.py",
    "ui/class_store/store_views.py",
    "ui/class_store/tables.py",
    "ui/class_store/teaching.py",
)
#: They guard what threads share, and start the one that gives up tabs.
THREADED = (
    *(SERVER, "ui/core/tabs.py"),
    *("ui/class_store/database.py", "ui/class_store/limits.py", "ui/class_store/outbox.py"),
)
THREADS = ("threading", "multiprocessing", "asyncio", "concurrent.futures.ThreadPoolExecutor")
PICKLES = ("pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve")
#: What these keywords must be, where they are given.
SAFE = {"allow_pickle": False, "safe_mode": True}
PROCESS_WIDE = ("set_random_seed", "clear_session", "set_seed", "enable_unsafe_deserialization")

#: Streamlit's widgets, which keep a state under their key.
WIDGETS = frozenset(
    """audio_input button camera_input chat_input checkbox color_picker data_editor date_input
    datetime_input download_button feedback file_uploader form form_submit_button menu_button
    multiselect number_input pagination pills radio segmented_control select_slider selectbox
    slider text_area text_input time_input toggle st_canvas""".split()
)
#: These are widgets where they are told to answer a click.
WIDGETS_IF_ASKED = frozenset(
    """altair_chart dataframe echarts_chart expander link_button plotly_chart popover
    pydeck_chart tabs vega_lite_chart""".split()
)
ANSWERS = {"on_change", "on_click", "on_select"}
#: They take a key, but only as a name for CSS.
NO_WIDGETS = frozenset({"container", "grid", "pdf"})

#: Made once at module level, these are constants if they are named as such and left alone.
CONTAINERS = frozenset({"list", "dict", "set", "bytearray", "OrderedDict", "array"})
#: Made once at module level, these are state by any name.
STATEFUL = frozenset(
    """defaultdict deque Counter ChainMap WeakKeyDictionary WeakValueDictionary WeakSet
    Lock RLock Condition Event Semaphore Queue SimpleQueue Thread Timer local
    ThreadPoolExecutor ProcessPoolExecutor Random default_rng zeros ones empty""".split()
)
CHANGES = frozenset(
    "append extend insert remove pop popitem clear update setdefault add discard sort fill".split()
)
CONSTANT = re.compile(r"_*[A-Z][A-Z0-9_]*|__all__")

LONGEST = 50
#: Functions that may be longer, "path:name"; each needs a reason beside it.
LONG_FUNCTIONS: frozenset[str] = frozenset()


#: Lines that a module may have, and those that may have more; each needs a reason beside it.
LONGEST_MODULE = 400
#: Lines that a page may have: it is the story, its parts are in `ui`.
LONGEST_PAGE = 60
LONG_MODULES = frozenset(
    {
        "nncore/experiment.py",  # the settings and their constraints are one table
        "nncore/export/script.py",  # one program, written from top to bottom
        "nncore/runtime/store.py",  # one folder on disk and all that keeps it whole
        "nncore/training/engine.py",  # one compiled function and what feeds it
    }
)
#: Names of functions that say neither what they do nor what they return.
FLOATING = frozenset("told said made noted standing stood heard seen entered".split())
#: Functions of `ui/core/state.py` that take a key.
KEYED = ("get", "put", "drop", "bind_widget")


class File(NamedTuple):
    """A source file: its path from the root, its syntax tree, and all nodes of that."""

    path: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...]

    @classmethod
    def of(cls, path: str, source: str) -> "File":
        tree = ast.parse(source)
        return cls(path, tree, tuple(ast.walk(tree)))

    @property
    def is_page(self) -> bool:
        return self.path.startswith("pages/") or self.path == "streamlit_app.py"

    @property
    def package(self) -> tuple[str, ...]:
        """The package that the file lies in, as relative imports count from it."""
        return Path(self.path).parts[:-1]


Breach = tuple[ast.AST, str]
Rule = Callable[[File], Iterator[Breach]]


# Reading a tree


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when a module is imported: no function bodies, nothing for types alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and tail(child.test) == "TYPE_CHECKING":
            continue
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from at_import(child)


def imports(file: File, nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.AST, str]]:
    """Everything imported, by its full name: `from nncore import data` gives `nncore.data`."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = file.package[: len(file.package) + 1 - node.level] if node.level else ()
            module = ".".join((*base, *filter(None, [node.module])))
            yield from ((node, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and tail(node.func) in ("import_module", "__import__"):
            yield from (
                (node, text.value)
                for text in node.args
                if isinstance(text, ast.Constant) and isinstance(text.value, str)
            )


def is_part(name: str, modules: tuple[str, ...]) -> bool:
    """Return True where `name` is one of the modules or lies in one."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def tail(node: ast.AST) -> str:
    """The last name of `a`, `a.b` or `a.b(...)`."""
    if isinstance(node, ast.Call):
        return tail(node.func)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def names(file: File) -> Iterator[tuple[ast.AST, str]]:
    """Every name that is used: variables, attributes, and what is imported from elsewhere."""
    for node in file.nodes:
        if isinstance(node, ast.Attribute | ast.Name):
            yield node, tail(node)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, alias.name) for alias in node.names)


def keywords(file: File) -> Iterator[tuple[ast.AST, str, ast.expr]]:
    """Every keyword argument of a call: the call, the keyword's name, its value."""
    for node in file.nodes:
        if isinstance(node, ast.Call):
            yield from ((node, word.arg or "**", word.value) for word in node.keywords)


# The rules


def nncore_knows_no_page(file: File) -> Iterator[Breach]:
    if file.path.startswith("nncore/"):
        for node, name in imports(file, file.nodes):
            if is_part(name, ("streamlit", "ui", "pages")):
                yield node, f"nncore imports {name}"


def tensorflow_stays_in_workers(file: File) -> Iterator[Breach]:
    worker_modules = tuple(path.removesuffix(".py").replace("/", ".") for path in WORKER_FILES)
    if file.path in WORKER_FILES:
        return
    is_late = file.path == TASKS or file.path in IN_PROCESS
    for node, name in imports(file, at_import(file.tree) if is_late else file.nodes):
        if is_part(name, KERAS + worker_modules):
            yield node, f"{name} brings TensorFlow into the server process"
    if file.path not in (*IN_PROCESS, "nncore/__init__.py"):
        for node, name in imports(file, file.nodes):
            if is_part(name, IN_PROCESS_NAMES):
                yield node, f"{name} trains in the server process: submit a run instead"


def slow_modules_wait(file: File) -> Iterator[Breach]:
    if file.path in DATABASE_FILES:
        return
    database_modules = tuple(p.removesuffix(".py").replace("/", ".") for p in DATABASE_FILES)
    for node, name in imports(file, at_import(file.tree)):
        if is_part(name, database_modules):
            yield node, f"{name} imports SQLAlchemy before the first page has painted"
        if is_part(name, SLOW):
            yield node, f"{name} is imported before the first page has painted"


def session_state_in_one_file(file: File) -> Iterator[Breach]:
    for node, name in names(file):
        if name in ("session_state", "query_params") and file.path != STATE:
            yield node, f"{name} outside {STATE}"


def caches_in_two_files(file: File) -> Iterator[Breach]:
    for node, name in names(file):
        if name in ("cache_data", "cache_resource") and file.path not in CACHES:
            yield node, f"{name} outside {' and '.join(CACHES)}"


def figures_do_not_draw(file: File) -> Iterator[Breach]:
    if file.path.startswith(CHARTS):
        for node, name in imports(file, file.nodes):
            if is_part(name, ("streamlit",)):
                yield node, "figures are values: the page shows them"


def nothing_process_wide(file: File) -> Iterator[Breach]:
    for node, name in names(file):
        if name in PROCESS_WIDE:
            yield node, f"{name} acts on the whole process"
        elif isinstance(node, ast.Attribute) and name == "seed" and tail(node.value) == "random":
            yield node, "random.seed acts on the whole process"


def no_html_in_pages(file: File) -> Iterator[Breach]:
    for node, word, _ in keywords(file):
        if word.startswith("unsafe_allow"):
            yield node, word


def no_pickle(file: File) -> Iterator[Breach]:
    for node, name in imports(file, file.nodes):
        if is_part(name, PICKLES):
            yield node, f"{name} runs what it reads"
    for node, word, value in keywords(file):
        if word in SAFE and getattr(value, "value", None) is not SAFE[word]:
            yield node, f"{word} lets a file run code"


def widgets_have_keys(file: File) -> Iterator[Breach]:
    for node in file.nodes:
        if not isinstance(node, ast.Call) or not is_widget(node, file):
            continue
        key = next((word.value for word in node.keywords if word.arg == "key"), None)
        if tail(node) == "form" and node.args:
            key = node.args[0]
        if key is None:
            yield node, f"{tail(node)} without a key"
        elif not is_namespaced(key):
            yield node, f"{tail(node)} with a key that names no page: {ast.unparse(key)}"


def is_widget(call: ast.Call, file: File) -> bool:
    """Return True for a call of a widget: `st.slider`, `column.slider`, an imported `slider`."""
    asked = ANSWERS & {word.arg for word in call.keywords}
    if tail(call) not in WIDGETS and not (asked and tail(call) in WIDGETS_IF_ASKED):
        return False
    modules = {  # of each name that is imported, where it comes from
        alias.asname or alias.name: getattr(node, "module", alias.name)
        for node in file.nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    if isinstance(call.func, ast.Attribute):  # of a block, unless of a module of the project
        return str(modules.get(tail(call.func.value), "streamlit")).startswith("streamlit")
    return str(modules.get(tail(call), "")).startswith("streamlit")


def is_namespaced(key: ast.expr) -> bool:
    """Return True where a key has the form "page.setting", as far as it is a literal."""
    if isinstance(key, ast.Constant):
        return "." in str(key.value)
    texts = [part.value for part in getattr(key, "values", []) if isinstance(part, ast.Constant)]
    return not texts or any("." in str(text) for text in texts)


def no_state_in_modules(file: File) -> Iterator[Breach]:
    if file.is_page or file.path == SERVER:  # a page runs anew each time; one runner is allowed
        return
    containers = set()
    for node in at_import(file.tree):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        for name in assigned(node):
            if isinstance(node.value, ast.Call) and tail(node.value) in STATEFUL:
                yield node, f"{name} is state, at module level or in a class"
            elif is_container(node.value):
                containers.add(name)
                if not CONSTANT.fullmatch(name):
                    yield node, f"{name} can change: name it as a constant or make it a tuple"
    yield from changes(file, containers)


def assigned(node: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def is_container(value: ast.expr) -> bool:
    displays = ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp
    return isinstance(value, displays) or (
        isinstance(value, ast.Call) and tail(value) in CONTAINERS
    )


def changes(file: File, containers: set[str]) -> Iterator[Breach]:
    """Yield where a function rebinds a module's name, or changes one of its containers."""
    for node in file.nodes:
        if isinstance(node, ast.Global):
            yield node, f"global {', '.join(node.names)}"
        if not isinstance(node, ast.Subscript | ast.Attribute):
            continue
        method = isinstance(node, ast.Attribute) and node.attr in CHANGES
        item = isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)
        if (item or method) and tail(node.value) in containers:
            yield node, f"{ast.unparse(node)} changes a container of the module"


def no_threads_in_pages(file: File) -> Iterator[Breach]:
    if (file.is_page or file.path.startswith("ui/")) and file.path not in THREADED:
        for node, name in imports(file, at_import(file.tree)):
            if is_part(name, THREADS):
                yield node, f"{name}: a background thread must not call Streamlit"


def fragments_have_no_beat(file: File) -> Iterator[Breach]:
    for node in file.nodes:
        if isinstance(node, ast.Call) and any(
            k.arg == "run_every" and ast.unparse(k.value) != "DAY" for k in node.keywords
        ):
            yield (
                node,
                "run_every may send a click twice: use `clock.every` of `ui/components/clock`",
            )


def functions_are_short(file: File) -> Iterator[Breach]:
    for node in file.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = length(node)
            if lines > LONGEST and f"{file.path}:{node.name}" not in LONG_FUNCTIONS:
                yield node, f"{node.name} has {lines} lines, more than {LONGEST}"


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """A function's lines without its decorators and its docstring."""
    first = function.body[0]
    has_docstring = ast.get_docstring(function, clean=False) is not None
    docstring = ((first.end_lineno or 0) - first.lineno + 1) if has_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def modules_are_short(file: File) -> Iterator[Breach]:
    last = file.tree.body[-1].end_lineno if file.tree.body else 0
    most = LONGEST_PAGE if file.is_page else LONGEST_MODULE
    if (last or 0) > most and file.path not in LONG_MODULES:
        yield file.tree, f"{last} lines, more than {most}"


def page_parts_take_what_they_need(file: File) -> Iterator[Breach]:
    if not file.is_page:
        return
    variables = {
        name
        for node in file.tree.body
        if not isinstance(node, ast.FunctionDef | ast.ClassDef)
        for name in stored_names(node)
        if not CONSTANT.fullmatch(name)
    }
    for function in file.tree.body:
        if isinstance(function, ast.FunctionDef):
            for name in sorted(read_names(function) & variables):
                yield function, f"{function.name} reads the page's {name}: make it a parameter"


def stored_names(node: ast.AST) -> set[str]:
    """The names that are assigned somewhere in a node."""
    names = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}


def read_names(function: ast.FunctionDef) -> set[str]:
    """The names that a function reads and neither assigns nor takes as a parameter."""
    names = (node for node in ast.walk(function) if isinstance(node, ast.Name))
    parameters = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    read = {name.id for name in names if isinstance(name.ctx, ast.Load)}
    return read - parameters - stored_names(function)


def state_takes_keys(file: File) -> Iterator[Breach]:
    for node in file.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            is_state = node.func.attr in KEYED and tail(node.func.value) == "state"
            if is_state and isinstance(node.args[0], ast.Constant | ast.JoinedStr | ast.BinOp):
                yield node, f"state.{node.func.attr} of a text: declare a Key or a PageKey"


def keys_are_declared_at_the_top(file: File) -> Iterator[Breach]:
    if file.path == "ui/core/keys.py":
        return
    at_top = {id(node) for statement in file.tree.body for node in key_calls(statement)}
    functions = (n for n in file.nodes if isinstance(n, ast.FunctionDef | ast.ClassDef))
    inside = {id(node) for function in functions for node in key_calls(function)}
    for node in key_calls(file.tree):
        if id(node) not in at_top or id(node) in inside:
            yield node, "a key is declared once, at the top of its module"


def key_calls(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the declarations of keys in a node: `Key("a.b", 0)`, `PageKey[int]("c", 0)`.

    A key whose name is a parameter belongs to a part that several pages draw.
    """
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            made = call.func.value if isinstance(call.func, ast.Subscript) else call.func
            is_literal = call.args and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
            if tail(made) in ("Key", "PageKey") and is_literal:  # not one of a parameter
                yield call


def functions_have_verbs(file: File) -> Iterator[Breach]:
    for node in file.nodes:
        if isinstance(node, ast.FunctionDef) and node.name.strip("_") in FLOATING:
            yield node, f"{node.name} says neither what it does nor what it returns"


def pictures_have_names(file: File) -> Iterator[Breach]:
    """A Plotly chart needs a name; a picture needs one too, or a caption, its second argument."""
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        words = {word.arg for word in node.keywords}
        is_picture = tail(node) == "image" and not {"alt", "caption"} & words
        if tail(node) == "plotly_chart" and "alt" not in words:
            yield node, "a chart without alt, its name for readers who do not see it"
        elif is_picture and tail(node.func.value) in ("st", "left", "right") and len(node.args) < 2:
            yield node, "a picture without alt, its name for readers who do not see it"


def plotly_charts_in_one_file(file: File) -> Iterator[Breach]:
    """That file has all of pandas before Plotly looks at it."""
    for node, name in names(file):
        if name == "plotly_chart" and file.path != PLOTLY:
            yield node, f"plotly_chart outside {PLOTLY}"


RULES: tuple[Rule, ...] = (
    nncore_knows_no_page,
    tensorflow_stays_in_workers,
    slow_modules_wait,
    session_state_in_one_file,
    caches_in_two_files,
    figures_do_not_draw,
    nothing_process_wide,
    no_html_in_pages,
    no_pickle,
    widgets_have_keys,
    no_state_in_modules,
    no_threads_in_pages,
    fragments_have_no_beat,
    functions_are_short,
    modules_are_short,
    page_parts_take_what_they_need,
    state_takes_keys,
    keys_are_declared_at_the_top,
    functions_have_verbs,
    pictures_have_names,
    plotly_charts_in_one_file,
)


# The rules, tested


BROKEN: tuple[tuple[Rule, str, str], ...] = (
    (nncore_knows_no_page, "nncore/data/sources.py", "import streamlit as st"),
    (
        nncore_knows_no_page,
        "nncore/data/sources.py",
        "def f():\n    from streamlit import cache_data",
    ),
    (nncore_knows_no_page, "nncore/data/sources.py", "from ui import state"),
    (
        tensorflow_stays_in_workers,
        "nncore/data/sources.py",
        "def f():\n    import tensorflow as tf",
    ),
    (
        tensorflow_stays_in_workers,
        "ui/charts/vega.py",
        "from keras.utils import to_categorical",
    ),
    (
        tensorflow_stays_in_workers,
        "pages/mnist.py",
        "def f():\n    from nncore.training import engine",
    ),
    (
        tensorflow_stays_in_workers,
        "nncore/runtime/runner.py",
        "from nncore.training.engine import advance",
    ),
    (tensorflow_stays_in_workers, "nncore/training/branch.py", "from . import engine"),
    (tensorflow_stays_in_workers, "nncore/__init__.py", "from .training.model import build"),
    (tensorflow_stays_in_workers, "ui/core/state.py", "from ...nncore.training import model"),
    (tensorflow_stays_in_workers, "nncore/runtime/tasks.py", "import keras"),
    (tensorflow_stays_in_workers, "nncore/runtime/tasks.py", "from nncore.training import engine"),
    (tensorflow_stays_in_workers, "ui/a.py", "import importlib\nimportlib.import_module('keras')"),
    (tensorflow_stays_in_workers, "ui/a.py", "from nncore import Experiment, train"),
    (tensorflow_stays_in_workers, "pages/home.py", "from nncore.api import TrainedModel"),
    (tensorflow_stays_in_workers, "nncore/runtime/lab.py", "def f():\n    import nncore.api"),
    (tensorflow_stays_in_workers, "nncore/api.py", "from nncore.training.model import build"),
    (fragments_have_no_beat, "ui/a.py", "@st.fragment(run_every=1.0)\ndef f(): ..."),
    (slow_modules_wait, "ui/charts/vega.py", "import pandas as pd"),
    (slow_modules_wait, "nncore/runtime/cluster.py", "from distributed import Client"),
    (slow_modules_wait, "ui/class_store/access.py", "from sqlalchemy import select"),
    (slow_modules_wait, "ui/classroom/board.py", "from ui.class_store.store import ClassStore"),
    (
        slow_modules_wait,
        "nncore/data/sources.py",
        "try:\n    import mlxtend.data\nexcept ImportError: ...",
    ),
    (slow_modules_wait, "pages/draw.py", "class A:\n    from pandas import DataFrame"),
    (session_state_in_one_file, "pages/home.py", "st.session_state['a'] = 1"),
    (session_state_in_one_file, "ui/app.py", "from streamlit import session_state"),
    (session_state_in_one_file, "ui/app.py", "st.query_params.clear()"),
    (caches_in_two_files, "ui/charts/vega.py", "@st.cache_data\ndef f(): ..."),
    (
        caches_in_two_files,
        "ui/charts/vega.py",
        "@st.cache_resource(scope='session')\ndef f(): ...",
    ),
    (
        caches_in_two_files,
        "ui/charts/vega.py",
        "from streamlit import cache_data as remember",
    ),
    (figures_do_not_draw, "ui/charts/vega.py", "def f():\n    import streamlit"),
    (nothing_process_wide, "nncore/data/sources.py", "np.random.seed(1337)"),
    (nothing_process_wide, "nncore/data/sources.py", "import random\nrandom.seed(1)"),
    (nothing_process_wide, "nncore/training/engine.py", "keras.utils.set_random_seed(1)"),
    (nothing_process_wide, "nncore/training/engine.py", "tf.random.set_seed(1)"),
    (nothing_process_wide, "nncore/training/engine.py", "from keras.backend import clear_session"),
    (no_html_in_pages, "pages/home.py", "st.markdown('<b>', unsafe_allow_html=True)"),
    (no_pickle, "nncore/runtime/store.py", "import pickle"),
    (no_pickle, "nncore/runtime/store.py", "def f():\n    from joblib import load"),
    (no_pickle, "nncore/runtime/store.py", "np.load(path, allow_pickle=True)"),
    (no_pickle, "nncore/runtime/store.py", "np.load(path, allow_pickle=trusted)"),
    (no_pickle, "nncore/training/model.py", "keras.models.load_model(path, safe_mode=False)"),
    (widgets_have_keys, "pages/home.py", "st.button('Train')"),
    (widgets_have_keys, "pages/home.py", "left.slider('Units', 1, 9, **options)"),
    (widgets_have_keys, "ui/workbench/widgets.py", "st.sidebar.toggle('Scaled', key='scaled')"),
    (widgets_have_keys, "ui/workbench/widgets.py", "st.toggle('Scaled', key=f'{page}_scaled')"),
    (widgets_have_keys, "ui/workbench/widgets.py", "with st.form('settings'): ..."),
    (
        widgets_have_keys,
        "ui/workbench/widgets.py",
        "from streamlit import radio\nradio('Loss', LOSSES)",
    ),
    (widgets_have_keys, "pages/mnist.py", "st.plotly_chart(figure, on_select='rerun')"),
    (
        widgets_have_keys,
        "pages/draw.py",
        "from streamlit_drawable_canvas import st_canvas\nst_canvas()",
    ),
    (no_state_in_modules, "nncore/data/sources.py", "cache = {}"),
    (no_state_in_modules, "nncore/data/sources.py", "names: list[str] = [name for name in NAMES]"),
    (no_state_in_modules, "nncore/data/sources.py", "first, second = [1, 2]"),
    (no_state_in_modules, "nncore/data/sources.py", "if True:\n    seen = set()"),
    (no_state_in_modules, "nncore/data/sources.py", "class A:\n    seen = []"),
    (no_state_in_modules, "nncore/runtime/runner.py", "LOCK = threading.Lock()"),
    (no_state_in_modules, "ui/charts/vega.py", "QUEUE: deque = collections.deque()"),
    (
        no_state_in_modules,
        "ui/charts/vega.py",
        "_runner = None\ndef f():\n    global _runner",
    ),
    (
        no_state_in_modules,
        "ui/charts/vega.py",
        "SEEN = {}\ndef f(x):\n    SEEN[x] = 1",
    ),
    (
        no_state_in_modules,
        "ui/charts/vega.py",
        "SEEN = {}\ndef f(x):\n    del SEEN[x]",
    ),
    (
        no_state_in_modules,
        "ui/charts/vega.py",
        "SEEN = []\ndef f(x):\n    SEEN.append(x)",
    ),
    (no_threads_in_pages, "ui/workbench/workbench.py", "import threading"),
    (no_threads_in_pages, "pages/mnist.py", "from threading import Thread"),
    (no_threads_in_pages, "ui/a.py", "from concurrent.futures import ThreadPoolExecutor"),
    (functions_are_short, "nncore/data/sources.py", "def f():\n" + "    x = 1\n" * LONGEST),
    (functions_are_short, "pages/a.py", "class A:\n  async def f():\n" + "    x = 1\n" * LONGEST),
    (modules_are_short, "nncore/sweep.py", "x = 1\n" * (LONGEST_MODULE + 1)),
    (modules_are_short, "pages/runs.py", "x = 1\n" * (LONGEST_PAGE + 1)),
    (page_parts_take_what_they_need, "pages/a.py", "def f():\n    st.write(lesson)\nlesson = 1"),
    (page_parts_take_what_they_need, "pages/a.py", "def f():\n    lesson.x = 1\nlesson: A = a()"),
    (page_parts_take_what_they_need, "pages/a.py", "def f(): g(x)\nwith a() as x:\n    f()"),
    (state_takes_keys, "ui/a.py", "state.get('draw.tool', '')"),
    (state_takes_keys, "ui/a.py", "state.put(f'{page}.tool', 1)"),
    (state_takes_keys, "ui/a.py", "state.drop('draw.' + name)"),
    (keys_are_declared_at_the_top, "ui/a.py", "def f():\n    return Key('a.b', 0)"),
    (keys_are_declared_at_the_top, "ui/a.py", "class A:\n    KEY = PageKey[int]('b', 0)"),
    (functions_have_verbs, "ui/a.py", "def said(): ..."),
    (functions_have_verbs, "nncore/a.py", "class A:\n    def _noted(self): ..."),
    (pictures_have_names, "ui/a.py", "st.plotly_chart(figure, key='a.b')"),
    (plotly_charts_in_one_file, "ui/a.py", "st.plotly_chart(figure, key='a.b', alt='Each run')"),
    (pictures_have_names, "ui/a.py", "st.image(picture, width=64)"),
)

KEPT: tuple[tuple[Rule, str, str], ...] = (
    (nncore_knows_no_page, "ui/app.py", "import streamlit as st"),
    (nncore_knows_no_page, "nncore/data/sources.py", "from nncore import experiment"),
    (
        tensorflow_stays_in_workers,
        "nncore/training/engine.py",
        "import keras\nfrom nncore.training import model",
    ),
    (
        tensorflow_stays_in_workers,
        "nncore/runtime/tasks.py",
        "def f():\n    from nncore.training import engine",
    ),
    (
        tensorflow_stays_in_workers,
        "nncore/data/sources.py",
        "from nncore.experiment import ModelConfig",
    ),
    (fragments_have_no_beat, "ui/a.py", "@clock.every(1.0, key='a')\ndef f(): ..."),
    (slow_modules_wait, "ui/charts/vega.py", "def f():\n    import pandas"),
    (slow_modules_wait, "ui/class_store/store.py", "from sqlalchemy import select"),
    (
        slow_modules_wait,
        "ui/class_store/access.py",
        "def f():\n    from ui.class_store.store import ClassStore",
    ),
    (
        slow_modules_wait,
        "ui/charts/vega.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas as pd",
    ),
    (session_state_in_one_file, "ui/core/state.py", "st.session_state.clear()"),
    (caches_in_two_files, "ui/core/resources.py", "@st.cache_resource\ndef f(): ..."),
    (nothing_process_wide, "nncore/data/sources.py", "np.random.default_rng(seed)"),
    (nothing_process_wide, "nncore/data/sources.py", "config.seed"),
    (no_pickle, "nncore/runtime/store.py", "np.load(path, allow_pickle=False)"),
    (widgets_have_keys, "pages/home.py", "st.button('Train', key='mnist.train')"),
    (widgets_have_keys, "pages/home.py", "st.button('Train', key=f'{page}.train')"),
    (widgets_have_keys, "pages/home.py", "st.button('Train', key=key)"),
    (widgets_have_keys, "pages/home.py", "with st.form('mnist.settings'): ..."),
    (widgets_have_keys, "pages/home.py", "st.plotly_chart(figure)"),
    (widgets_have_keys, "pages/home.py", "from ui import controls\ncontrols.slider(experiment)"),
    (widgets_have_keys, "pages/home.py", "def slider(page): ...\nslider('mnist')"),
    (no_state_in_modules, "nncore/data/sources.py", "OUTPUTS = {'five': 1}\n_NAMES = []"),
    (no_state_in_modules, "nncore/data/sources.py", "__all__ = ['load']"),
    (no_state_in_modules, "nncore/data/sources.py", "def f():\n    seen = {}\n    seen['a'] = 1"),
    (no_state_in_modules, "nncore/data/sources.py", "class A:\n    names = ('a', 'b')"),
    (no_state_in_modules, "pages/home.py", "rows = []\nrows.append(1)"),
    (no_state_in_modules, "ui/core/server.py", "_runner = None\ndef f():\n    global _runner"),
    (no_threads_in_pages, "nncore/runtime/runner.py", "import threading"),
    (
        no_threads_in_pages,
        "ui/workbench/workbench.py",
        "from concurrent.futures import TimeoutError",
    ),
    (functions_are_short, "nncore/data/sources.py", "def f():\n" + "    x = 1\n" * (LONGEST - 1)),
    (
        functions_are_short,
        "nncore/data/sources.py",
        'def f():\n    """Says\n' + "\n" * LONGEST + '    a lot."""',
    ),
    (modules_are_short, "nncore/sweep.py", "x = 1\n" * LONGEST_MODULE),
    (modules_are_short, min(LONG_MODULES), "x = 1\n" * (LONGEST_MODULE + 1)),
    (page_parts_take_what_they_need, "pages/a.py", "def f(lesson):\n    g(lesson)\nlesson = 1"),
    (page_parts_take_what_they_need, "pages/a.py", "def f():\n    x = 1\n    g(x)\nx = 2"),
    (page_parts_take_what_they_need, "pages/a.py", "PAGE = 'a'\ndef f():\n    st.write(PAGE)"),
    (page_parts_take_what_they_need, "ui/app.py", "def f():\n    return lesson\nlesson = 1"),
    (state_takes_keys, "ui/a.py", "state.get(TOOL)\nstate.put(SPEED.on(page), 1)"),
    (state_takes_keys, "ui/a.py", "values.get('a', 1)"),
    (keys_are_declared_at_the_top, "ui/a.py", "A = Key('a.b', 0)\nB = PageKey[int]('b', 0)"),
    (keys_are_declared_at_the_top, "ui/a.py", "def f(key):\n    return state.get(Key(key, 0))"),
    (functions_have_verbs, "ui/a.py", "def describe(): ...\ndef is_made(): ..."),
    (pictures_have_names, "ui/a.py", "st.plotly_chart(figure, key='a.b', alt='Each run')"),
    (plotly_charts_in_one_file, "ui/workbench/plotly_figure.py", "st.plotly_chart(figure)"),
    (pictures_have_names, "ui/a.py", "st.image(picture, 'A five')\nst.image(png, alt='A five')"),
)


def label(case: object) -> str | None:
    return getattr(case, "__name__", None)


@pytest.mark.parametrize(("rule", "path", "source"), BROKEN, ids=label)
def test_a_rule_notices_what_breaks_it(rule: Rule, path: str, source: str) -> None:
    assert list(rule(File.of(path, source)))


@pytest.mark.parametrize(("rule", "path", "source"), KEPT, ids=label)
def test_a_rule_lets_pass_what_keeps_it(rule: Rule, path: str, source: str) -> None:
    assert not list(rule(File.of(path, source)))


def test_each_rule_can_be_broken() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(RULES)


def test_every_widget_that_streamlit_has_is_known() -> None:
    from streamlit.delta_generator import DeltaGenerator

    keyed = {
        name
        for name, function in inspect.getmembers(DeltaGenerator, inspect.isfunction)
        if not name.startswith("_") and "key" in inspect.signature(function).parameters
    }
    assert keyed == (WIDGETS | WIDGETS_IF_ASKED | NO_WIDGETS) - {"st_canvas"}


# The rules, applied


@cache
def tree() -> tuple[File, ...]:
    """Return all source files, read and parsed once for all rules."""
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(
        File.of(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in [*paths, ROOT / "streamlit_app.py"]
    )


def test_the_rules_see_the_whole_house() -> None:
    paths = {file.path for file in tree()}
    assert {STATE, SERVER, *CACHES, TASKS, *WORKER_FILES, *IN_PROCESS, *DATABASE_FILES} <= paths
    assert any(path.startswith(CHARTS) for path in paths)
    assert {"streamlit_app.py", "pages/home.py", "nncore/experiment.py"} <= paths


@pytest.mark.parametrize("rule", RULES, ids=label)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    breaches = [
        f"{file.path}:{getattr(node, 'lineno', 0)}: {sentence}"
        for file in tree()
        for node, sentence in rule(file)
    ]
    assert not breaches, "\n" + "\n".join(breaches)


# What it is built with


def pinned(file_name: str) -> set[str]:
    """The packages that a requirements file pins."""
    lines = (ROOT / file_name).read_text(encoding="utf-8").splitlines()
    return {line.split("==")[0] for line in lines if "==" in line}


def imported(folder: str = "") -> set[str]:
    """The packages that a folder imports, by the names under which they are installed."""
    packages = packages_distributions()
    return {
        distribution.replace("_", "-").lower()
        for file in tree()
        if file.path.startswith(folder)
        for _, name in imports(file, file.nodes)
        for distribution in packages.get(name.split(".")[0], ())
    }


#: A marker chooses which of them is installed.
EITHER = {"tensorflow", "tensorflow-cpu"}


def project() -> dict[str, Any]:
    """The table [project] of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return table


def needed_by_package() -> list[Requirement]:
    """Return the requirements of the package `nncore` and those of its extra `app`."""
    lines = [*project()["dependencies"], *project()["optional-dependencies"]["app"]]
    return [Requirement(line) for line in lines]


def test_the_package_needs_what_nncore_imports_and_nothing_else() -> None:
    needed = {Requirement(line).name for line in project()["dependencies"]}
    assert needed - EITHER == imported("nncore/") - EITHER


def test_the_package_with_its_app_needs_what_the_lab_pins() -> None:
    assert {r.name for r in needed_by_package()} == pinned("requirements.txt")


@pytest.mark.parametrize("needed", needed_by_package(), ids=str)
def test_what_the_lab_pins_is_in_the_packages_range(needed: Requirement) -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pin = next(Requirement(line) for line in lines if line.startswith(f"{needed.name}=="))
    (version,) = (specifier.version for specifier in pin.specifier)
    assert needed.specifier.contains(version)
    assert str(needed.marker) == str(pin.marker)


def test_the_package_and_the_platform_check_ask_for_the_same_python() -> None:
    from scripts.check_platform import NEWEST, OLDEST

    above = (NEWEST[0], NEWEST[1] + 1)
    assert project()["requires-python"] == ">={}.{},<{}.{}".format(*OLDEST, *above)


def test_requirements_name_what_is_imported_and_nothing_else() -> None:
    by_streamlit = {"pandas", "plotly"}  # imported by st.data_editor and st.plotly_chart
    assert (imported() | by_streamlit) - EITHER == pinned("requirements.txt") - EITHER


def test_each_requirement_has_its_reason() -> None:
    comments = re.findall(r"^#   (\S+) +\w", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert set(comments) == pinned("requirements.txt") | pinned("requirements-dev.txt")


def settings(table: dict[str, object], prefix: str = "") -> Iterator[str]:
    """The settings' dotted names."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def streamlit_settings() -> dict[str, Any]:
    return tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def test_streamlit_knows_each_of_its_settings() -> None:
    from streamlit import config

    assert not set(settings(streamlit_settings())) - set(config.get_config_options())


def test_no_files_are_watched_while_visitors_wait() -> None:
    # Each visitor's session would look up the files of all modules, one after the other.
    assert streamlit_settings()["server"]["fileWatcherType"] == "none"


def test_no_visitor_can_send_much_at_once() -> None:
    server = streamlit_settings()["server"]
    assert server["maxUploadSize"] <= 20
    assert server["maxMessageSize"] <= 32  # Streamlit's own 200 MB are a worker's whole memory


# What importing brings along


def loaded_by(statement: str) -> set[str]:
    """Return the slow or forbidden modules that a statement loads."""
    watched = (*KERAS, *SLOW, "streamlit")
    code = f"{statement}\nimport sys\nprint(*{{*{watched!r}}} & {{*sys.modules}})"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


def light_modules() -> list[str]:
    """The modules of nncore that may be imported in the server process: all but the workers'."""
    paths = (file.path for file in tree() if file.path.startswith("nncore/"))
    modules = (path.removesuffix(".py") for path in paths if path not in WORKER_FILES)
    return [module.removesuffix("/__init__").replace("/", ".") for module in modules]


def test_a_heavy_import_is_noticed() -> None:
    assert "pandas" in loaded_by("import pandas")


def test_a_title_is_painted_before_what_takes_long_is_imported() -> None:
    slow = "{'numpy', 'nncore.runtime.runner'}"
    code = f"import sys\nimport ui.core.navigation\nprint(*{slow} & {{*sys.modules}})"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not run.stdout.split()


def test_importing_nncore_is_light() -> None:
    assert loaded_by("import nncore") == set()


def test_importing_what_the_server_needs_of_nncore_is_light() -> None:
    assert loaded_by("import " + ", ".join(light_modules())) == set()


def test_no_file_switches_a_check_off_as_a_whole() -> None:
    switch = re.compile(r"^# (mypy: |ruff: noqa|type: ignore|flake8: noqa)|^// @ts-nocheck", re.M)
    folders = (*FOLDERS, "tests", "benchmarks", "scripts")
    paths = [
        p for folder in folders for kind in ("*.py", "*.js") for p in (ROOT / folder).rglob(kind)
    ]
    assert [str(p) for p in paths if switch.search(p.read_text(encoding="utf-8"))] == []

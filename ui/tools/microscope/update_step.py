"""The last step in numbers: how the optimizer computes the new weights."""

from __future__ import annotations

from typing import Any, TypeAlias

from numpy.typing import NDArray

from nncore.nn import optimizers
from ui.core.wording import raised
from ui.tools.microscope.batch_trace import BatchTrace, Focus
from ui.tools.microscope.explanation_tables import (
    Explanation,
    Table,
    bold_at,
    choose_source_rows,
    note_shown_rows,
)
from ui.tools.microscope.formula_terms import (
    worked_line,
    write_all,
    write_digits,
    write_term,
    write_weight,
)

Array: TypeAlias = NDArray[Any]


def explain_update(layer: int, trace: BatchTrace, focus: Focus) -> Explanation:
    """Show how the optimizer computes one weight's new value."""
    unit, names = focus.unit, optimizers.moments(trace.experiment.fit)
    gradients = trace.gradients(layer, unit)
    rows = choose_source_rows(gradients, focus.source)
    place = rows.index(focus.source)
    columns = {
        "from": bold_at([trace.neuron_name(layer - 1, i) for i in rows], place),
        "gradient": write_all(gradients[rows]),
        "old": write_all(trace.weights(layer, unit)[rows], write_weight),
        "new": bold_at(
            write_all(trace.optimizer_term(layer, unit, "new")[rows], write_weight), place
        ),
    }
    for name in names:
        columns[name.replace("_", " ")] = write_all(trace.optimizer_term(layer, unit, name)[rows])
    title = f"Weights of {trace.neuron_name(layer, unit)}" + note_shown_rows(rows, len(gradients))
    term_names = ["step", "new", *names, *(f"{name}_before" for name in names)]
    terms = {
        name: float(trace.optimizer_term(layer, unit, name)[focus.source]) for name in term_names
    }
    terms |= {"w": float(trace.weights(layer, unit)[focus.source])}
    terms |= {"g": float(gradients[focus.source])}
    return Explanation([Table(title, columns)], _write_update(trace, terms))


def _write_update(trace: BatchTrace, terms: dict[str, float]) -> list[str]:
    """Return the update of one weight, a line for each of the optimizer's terms."""
    fit, rate = trace.experiment.fit, write_digits(trace.update.learning_rate)
    g, new, old = write_term(terms["g"]), terms["new"], write_weight(terms["w"])
    if fit.momentum:
        formula = (
            f"{write_digits(fit.momentum)} × {write_term(terms['velocity_before'])} − {rate} × {g}"
        )
        line = worked_line("velocity", formula, terms["velocity"])
        return [
            line,
            worked_line("new", f"{old} + {write_term(terms['velocity'])}", new, write_weight),
        ]
    if fit.optimizer == "sgd":
        return [worked_line("new", f"{old} − {rate} × {g}", new, write_weight)]
    if fit.optimizer == "rmsprop":
        return _rmsprop_lines(terms, rate, g, old)
    return _adam_lines(trace, terms, rate, g, old)


def _rmsprop_lines(terms: dict[str, float], rate: str, g: str, old: str) -> list[str]:
    square = terms["mean_square"]
    formula = f"0.9 × {write_term(terms['mean_square_before'])} + 0.1 × {g}²"
    root = f"√({write_digits(square)} + {write_digits(optimizers.EPSILON)})"
    step = worked_line("step", f"{rate} × {g} / {root}", terms["step"])
    new = worked_line("new", f"{old} − {write_term(terms['step'])}", terms["new"], write_weight)
    return [worked_line("mean square", formula, square), step, new]


def _adam_lines(
    trace: BatchTrace, terms: dict[str, float], rate: str, g: str, old: str
) -> list[str]:
    m, v = terms["moment_1"], terms["moment_2"]
    m_before, v_before = (
        write_term(terms["moment_1_before"]),
        write_term(terms["moment_2_before"]),
    )
    t = trace.update.number
    corrected = trace.update.corrected or 0.0
    factor = f"{rate} × √(1 − 0.999{raised(t)}) / (1 − 0.9{raised(t)})"
    root = f"(√{write_term(v)} + {write_digits(optimizers.EPSILON)})"
    step = f"{write_digits(corrected)} × {write_term(m)} / {root}"
    return [
        worked_line("moment 1", f"{m_before} + 0.1 × ({g} − {m_before})", m),
        worked_line("moment 2", f"{v_before} + 0.001 × ({g}² − {v_before})", v),
        worked_line(f"step size of update {t:,}", factor, corrected),
        worked_line("step", step, terms["step"]),
        worked_line("new", f"{old} − {write_term(terms['step'])}", terms["new"], write_weight),
    ]

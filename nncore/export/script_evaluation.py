"""The generated program's fourth section: evaluate on the test set, and show some predictions."""

from __future__ import annotations

from collections.abc import Iterator

from nncore.export.script_plan import ScriptPlan
from nncore.export.script_text import explain, heading


def write_evaluation_section(plan: ScriptPlan) -> Iterator[str]:
    """Yield the section's paragraphs."""
    metric = plan.experiment.fit.metric
    has_error = metric != "accuracy"
    yield heading(4, "The test")
    yield explain(
        f"How good is the network on the {plan.samples(plan.test)} of the test set?\n"
        "It was not trained on them.",
        f"loss, accuracy{', error' * has_error} = model.evaluate(x_test, y_test, verbose=0)",
        'print(f"test loss: {loss:.4f}")',
        *[f'print(f"test {metric.replace("_", " ")}: {{error:.4f}}")'] * has_error,
        'print(f"test accuracy: {accuracy:.4f}")',
    )
    ends = {"rounding": _every_number, "five": _fives_found}
    yield ends.get(plan.experiment.data.name, _first_images)(plan)


def _every_number(plan: ScriptPlan) -> str:
    return explain(
        "There are two outputs for each number. The prediction is the larger one: 0 or 1.",
        f"outputs = model.predict(x_test, verbose=0)  # ({plan.test}, 1) -> ({plan.test}, 2)",
        f"predicted = outputs.argmax(axis=1)  # ({plan.test}, 2) -> ({plan.test},)",
        "for number, output, label in zip(x_test[:, 0], outputs, predicted):",
        '    print(f"{number:.1f}: outputs {output[0]:.3f} {output[1]:.3f}, predicted {label}")',
    )


def _fives_found(plan: ScriptPlan) -> str:
    return explain(
        "An output above 0.5 means five.\n"
        "Most images are not fives, so a high accuracy alone says little.\n"
        'Compare it with the baseline of always predicting "not five", and see how many fives '
        "are found.",
        f"outputs = model.predict(x_test, verbose=0)[:, 0]  # ({plan.test}, 784) -> ({plan.test},)",
        "of_fives = outputs[y_test == 1]",
        'print(f"outputs: {outputs.min():.2f} to {outputs.max():.2f}")',
        "print(f'baseline, always \"not five\": {(y_test == 0).mean():.4f}')",
        'print(f"share of fives found: {(of_fives > 0.5).mean():.4f}")',
    )


def _first_images(plan: ScriptPlan) -> str:
    is_one_hot = plan.experiment.labels == "one_hot"
    is_named = plan.experiment.data.name == "fashion"
    labels = "y_test[:5].argmax(axis=1)  # (5, 10) -> (5,)" if is_one_hot else "y_test[:5]  # (5,)"
    shown = "[names[number] for number in {}]" if is_named else "{}"
    return explain(
        "There are ten outputs for each of the first five images.\n"
        "The prediction is the number of the largest output: 0 to 9.",
        "outputs = model.predict(x_test[:5], verbose=0)  # (5, 784) -> (5, 10)",
        "predicted = outputs.argmax(axis=1)  # (5, 10) -> (5,)",
        f"labels = {labels}",
        f'print("predicted:", {shown.format("predicted")})',
        f'print("labels:   ", {shown.format("labels")})',
    )

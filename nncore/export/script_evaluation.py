"""The generated program's fourth section: evaluate on the test set, and show some predictions."""

from __future__ import annotations

from collections.abc import Iterator

from nncore.export.script_plan import ScriptPlan
from nncore.export.script_text import explain, heading

#: Numbers of outputs in words.
_COUNTS = {2: "two", 3: "three", 4: "four", 5: "five", 10: "ten"}


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
    is_named = plan.experiment.data.name in ("fashion", "own")
    shown_count, classes = min(5, plan.test), plan.experiment.outputs
    axes = f"({shown_count}, {classes})"
    labels = "y_test[:5]"
    labels += f".argmax(axis=1)  # {axes} ->" * is_one_hot or "  #"
    labels += f" ({shown_count},)"
    shown = "[names[number] for number in {}]" if is_named else "{}"
    return explain(
        f"There are {_COUNTS.get(classes, str(classes))} outputs for each of the first "
        f"{plan.samples(5).replace('5', 'five')}.\n"
        f"The prediction is the number of the largest output: 0 to {classes - 1}.",
        f"outputs = model.predict(x_test[:5], verbose=0)  # ({shown_count}, 784) -> {axes}",
        f"predicted = outputs.argmax(axis=1)  # {axes} -> ({shown_count},)",
        f"labels = {labels}",
        f'print("predicted:", {shown.format("predicted")})',
        f'print("labels:   ", {shown.format("labels")})',
    )

"""The generated program's third section: compile the model and train it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from nncore.export.script_plan import ScriptPlan
from nncore.export.script_text import count_nouns, explain, heading, write_call, write_number
from nncore.nn.schedule import DECAY

#: Where Keras's schedules are, and the variable that the program gives one to.
_ASSIGNED = "schedule = keras.optimizers.schedules."
#: The class of each optimizer, and a sentence on its steps.
_OPTIMIZERS = {
    "sgd": ("SGD", "SGD: each step is the gradient times the learning rate."),
    "rmsprop": (
        "RMSprop",
        "RMSprop: each step is about the learning rate, whatever the gradient's size.",
    ),
    "adam": (
        "Adam",
        "Adam: each step is about the learning rate, along the mean of past gradients.",
    ),
}
#: The second half of a sentence on each loss.
_LOSSES = {
    "mean_squared_error": "is the mean of the squared differences between outputs and labels.",
    "binary_crossentropy": "grows as an output moves away from its label, 0 or 1.",
    "categorical_crossentropy": "grows as the output of the correct class falls below 1; it needs "
    "one-hot labels.",
    "sparse_categorical_crossentropy": "grows as the output of the correct class falls below 1; it "
    "needs class numbers as labels.",
}
#: A sentence on each metric besides accuracy.
_METRICS = {
    "accuracy": "",
    "mean_squared_error": "The other one is the mean squared difference from the labels.",
    "mean_absolute_error": "The other one is the mean absolute difference from the labels.",
}


def write_training_section(plan: ScriptPlan) -> Iterator[str]:
    """Yield the section's paragraphs."""
    yield heading(3, "The training")
    if plan.experiment.fit.schedule != "none":
        yield _schedule(plan)
    yield _compile(plan)
    if plan.experiment.fit.patience:
        yield _stopping(plan)
    yield _fit(plan)


def _compile(plan: ScriptPlan) -> str:
    fit = plan.experiment.fit
    name, steps = _OPTIMIZERS[fit.optimizer]
    rate = write_number(fit.learning_rate) if fit.schedule == "none" else "schedule"
    rates = [f"learning_rate={rate}"]
    if fit.momentum:
        share = write_number(fit.momentum)
        steps += f"\nMomentum: {share} of the previous step is added to each step."
        rates += [f"momentum={write_number(fit.momentum)}"]
    metrics = ", ".join(f'"{metric}"' for metric in dict.fromkeys(("accuracy", fit.metric)))
    arguments = (
        explain(
            f"The optimizer moves each weight downhill, against its gradient.\n{steps}",
            *write_call(f"optimizer=keras.optimizers.{name}", *rates, end=","),
        ),
        explain(
            f"The loss is the number that training makes small.\nThis one {_LOSSES[fit.loss]}",
            f'loss="{fit.loss}",',
        ),
        explain(
            "Metrics do not change training. Accuracy is the share of correct predictions.\n"
            f"{_METRICS[fit.metric]}",
            f"metrics=[{metrics}],",
        ),
    )
    return "\n".join(["model.compile(", textwrap.indent("\n".join(arguments), "    "), ")"])


def _schedule(plan: ScriptPlan) -> str:
    """Return the learning rate's schedule."""
    fit, steps = plan.experiment.fit, plan.updates
    rate = write_number(fit.learning_rate)
    if fit.schedule == "cosine":
        return explain(
            "The learning rate falls along half a cosine wave, to 0 at the last update.",
            *write_call(f"{_ASSIGNED}CosineDecay", rate, f"decay_steps={steps * fit.epochs}"),
        )
    return explain(
        f"The learning rate falls smoothly: each epoch multiplies it by {DECAY:g}.",
        *write_call(
            f"{_ASSIGNED}ExponentialDecay", rate, f"decay_steps={steps}", f"decay_rate={DECAY}"
        ),
    )


def _stopping(plan: ScriptPlan) -> str:
    """Return the callback for early stopping."""
    fit = plan.experiment.fit
    watched, warning = "val_loss", ""
    if fit.validation == "none":
        watched = "loss"
        warning = (
            "\nNothing is held out, so it watches the training loss, which seldom stops falling."
        )
    return explain(
        f"Early stopping: end training after {count_nouns(fit.patience, 'epoch')} without a new "
        f"lowest {watched},\nand restore the weights of the best epoch.{warning}",
        *write_call(
            "stopping = keras.callbacks.EarlyStopping",
            f'"{watched}"',
            f"patience={fit.patience}",
            "restore_best_weights=True",
        ),
    )


def _fit(plan: ScriptPlan) -> str:
    fit, updates = plan.experiment.fit, plan.updates
    batch = "in one batch" if updates == 1 else f"in batches of {fit.batch_size:,}"
    comment, validation = _validation(plan)
    most = "at most " * bool(fit.patience)
    return explain(
        f"An epoch is one pass over all {plan.samples(plan.fitted)}, {batch}.\n"
        f"Gradient updates: {updates:,} per epoch, {most}{updates * fit.epochs:,} in total.\n"
        f"{comment}",
        *write_call(
            "model.fit",
            "x_train",
            "y_train",
            f"epochs={fit.epochs}",
            f"batch_size={fit.batch_size}",
            *validation,
            *["callbacks=[stopping]"] * bool(fit.patience),
            "verbose=2",
        ),
    )


def _validation(plan: ScriptPlan) -> tuple[str, list[str]]:
    """Return a comment on validation, and the argument of `fit()` for it, if any."""
    split = write_number(plan.experiment.fit.validation_split)
    return {
        "none": ("", []),
        "last": (
            f"The last {plan.samples(plan.held)} are held out: the network is not trained on "
            "them, but evaluated on them after each epoch.",
            [f"validation_split={split}"],
        ),
        "first": (
            "After each epoch the network is evaluated on the samples held out.",
            ["validation_data=(x_val, y_val)"],
        ),
        "test": (
            "After each epoch the network is evaluated on the test set.\n"
            "If you choose settings by that, no fair test is left: better hold out training data.",
            ["validation_data=(x_test, y_test)"],
        ),
    }[plan.experiment.fit.validation]

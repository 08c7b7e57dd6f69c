"""A lesson step by step: the frames are what the networks read, and old pictures that are practised come back."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from glassbox.digits.reference_set import reference_set
from glassbox.explain.backward_pass import Array, Backward
from glassbox.training.lesson import MOST_FRAMES, Frame, Frames, Lessons, joined
from glassbox.training.teacher import Examples, Teacher
from glassbox.zoo import digit_models

REFERENCE = reference_set()
PICTURE = REFERENCE.pictures()[33]
TAUGHT_AS, RATE = 8, 0.01


@pytest.fixture(scope="module")
def lessons() -> Lessons:
    data = digit_models.load().model_bytes("mlp")
    return Lessons(Teacher(data), Backward(data), 1.0, REFERENCE)


def forgotten(frames: Frames) -> int:
    first, last = (frame.read == REFERENCE.labels for frame in (frames[0], frames[-1]))
    return int((first & ~last).sum())


def test_the_frames_are_those_of_the_same_steps_taken_at_once(lessons: Lessons) -> None:
    found = lessons.teach(PICTURE, TAUGHT_AS, steps=4, rate=RATE)
    at_once = lessons.teacher.teach(PICTURE, TAUGHT_AS, steps=4, learning_rate=RATE)
    for name, cells in at_once.weights.items():
        np.testing.assert_allclose(found.weights[name], cells, atol=1e-6)
    assert [frame.step for frame in found.frames] == [0, 1, 2, 3, 4]
    np.testing.assert_allclose([frame.loss for frame in found.frames[:-1]], at_once.losses, rtol=1e-4)
    last = lessons.network.probabilities(REFERENCE.pictures(), found.weights).argmax(1)
    np.testing.assert_array_equal(found.frames[-1].read, last)


def test_a_step_of_a_rehearsal_is_the_mean_of_the_steps_on_each_of_its_pictures(lessons: Lessons) -> None:
    old = Examples(REFERENCE.pictures()[[5, 60]], REFERENCE.labels[[5, 60]])
    together = lessons.teacher.teach(PICTURE, TAUGHT_AS, 1, RATE, rehearsed=old).weights
    pairs = [(PICTURE, TAUGHT_AS), *zip(old.pictures, old.labels.tolist(), strict=True)]
    alone = [lessons.teacher.teach(picture, label, 1, RATE).weights for picture, label in pairs]
    for name, cells in together.items():
        np.testing.assert_allclose(cells, np.mean([one[name] for one in alone], axis=0), atol=1e-6)


def test_practice_brings_back_what_a_lesson_made_the_network_forget(lessons: Lessons) -> None:
    taught = lessons.teach(PICTURE, TAUGHT_AS, steps=20, rate=RATE)
    then = lessons.teach(PICTURE, TAUGHT_AS, steps=30, rate=RATE, weights=taught.weights, rehearse=True)
    frames = joined(taught.frames, then.frames)
    assert [frame.step for frame in frames] == list(range(51))
    assert forgotten(taught.frames) > 20 and forgotten(frames) < forgotten(taught.frames) / 2
    assert frames[-1].probabilities.argmax() == TAUGHT_AS  # and the lesson is not lost


def test_what_the_model_reads_before_any_lesson_is_read_once(lessons: Lessons, monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[int]()
    probabilities = Backward.probabilities

    def counted(network: Backward, pictures: Array, *given: Any) -> NDArray[np.float64]:
        read.append(len(pictures))
        return probabilities(network, pictures, *given)

    monkeypatch.setattr(Backward, "probabilities", counted)
    fresh = replace(lessons)
    frames = [fresh.frame(PICTURE, TAUGHT_AS) for _ in range(2)]
    assert read.count(len(REFERENCE.labels)) == 1
    weights = {name: cells * 0 for name, cells in fresh.network.weights.items()}
    with_none = fresh.frame(PICTURE, TAUGHT_AS, weights)
    assert read.count(len(REFERENCE.labels)) == 2
    np.testing.assert_array_equal(frames[0].read, frames[1].read)
    assert (with_none.read == with_none.read[0]).all() and (frames[1].read != frames[1].read[0]).any()


def test_learning_that_overflows_keeps_the_good_steps(lessons: Lessons) -> None:
    taught = lessons.teach(PICTURE, TAUGHT_AS, steps=5, rate=1e30)
    assert taught.stopped and taught.stopped.cause == "learning_rate"
    assert len(taught.frames) == taught.stopped.step
    assert all(np.isfinite(cells).all() for cells in taught.weights.values())


def test_many_lessons_keep_the_first_frame_and_the_last_ones() -> None:
    frames = tuple(Frame(i, np.zeros(10), 0.0, np.zeros(100, np.uint8)) for i in range(MOST_FRAMES))
    kept = joined(frames, frames[:5])
    assert len(kept) == MOST_FRAMES
    assert [kept[0].step, kept[1].step, kept[-1].step] == [0, 5, MOST_FRAMES + 3]

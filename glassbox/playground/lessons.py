"""Setups worth trying, each with something to see; the words for why are the strings `playground.lesson.NAME.*`."""

from glassbox.playground.setup import Setup

LESSONS = {
    "line": Setup(layers=()),
    "feature": Setup(layers=(), features=("xx", "yy")),
    "hidden": Setup(layers=(3,)),
    "product": Setup(data="checkerboard", layers=(), features=("xy",)),
    "checkerboard": Setup(data="checkerboard", layers=(4, 2), rate=0.1),
    "linear": Setup(data="checkerboard", layers=(8, 8), activation="linear"),
    "spiral": Setup(data="spiral", layers=(8, 8), features=("x", "y", "sinx", "siny"), optimiser="adam", rate=0.01),
    "several": Setup(data="blobs", classes=4, noise=15, layers=(6,), optimiser="adam"),
    "overfit": Setup(noise=40, share=10, layers=(8, 8), optimiser="adam", rate=0.01, test=True),
    "penalty": Setup(
        noise=40, share=10, layers=(8, 8), optimiser="adam", rate=0.01, test=True, penalty="l2", strength=0.01
    ),
    "dead": Setup(data="checkerboard", layers=(4, 2), activation="relu", rate=3.0, seed=1),
    "hills": Setup(data="hills", layers=(8, 8), optimiser="adam", rate=0.01),
    "diverge": Setup(data="plane", layers=(), rate=0.3),
}
"""The first ones show why a network needs hidden layers, the others what can go well and wrong."""

"""The mean of the training digits, as glassbox/data/mean_digit.csv: a baseline for attributions."""

import numpy as np

from export import data
from export.run import Run
from glassbox.paths import DATA

HEAD = """\
# The mean of MNIST's training digits, those not held back, from 0 (paper) to 255 (ink), a row of pixels a line.
# MNIST: LeCun, Cortes, Burges, http://yann.lecun.com/exdb/mnist/, CC BY-SA 3.0. Written by export.studies.mean_digit.
"""


def main(run: Run) -> None:
    """Write the mean of the training digits in run.data."""
    mean = np.rint(data.load(run.data).train.digits.mean(axis=0)).astype(int)
    lines = [range(mean.shape[1]), *mean]
    rows = "".join(",".join(map(str, line)) + "\n" for line in lines)
    (DATA / "mean_digit.csv").write_text(HEAD + rows, encoding="utf-8")

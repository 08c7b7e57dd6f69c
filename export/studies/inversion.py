"""How much a picture that inversion makes of a network resembles those that the network learned from."""

import numpy as np
import onnx

from export.studies.membership import Digits
from glassbox.explain.attribution.methods import Network
from glassbox.trust.attacks import inversion


def inverted(model: onnx.ModelProto, train: Digits, members: Digits, nonmembers: Digits) -> list[dict[str, object]]:
    """Compare the inverted picture of each label with members and non-members: InversionSimilarity for JSON."""
    made = inversion.invert(Network(model), np.arange(10))
    rows = []
    for label, picture in zip(made.labels.tolist(), made.pictures, strict=True):
        known, unknown = (side.pictures[side.labels() == label] for side in (members, nonmembers))
        count = min(len(known), len(unknown))
        mean = train.pictures[train.labels() == label].mean(0)
        likest = [float(inversion.correlation(picture, side[:count]).max(initial=-1)) for side in (known, unknown)]
        rows.append(
            {
                "label": label,
                "mean": float(inversion.correlation(picture, mean[None])[0]),
                "member": likest[0],
                "nonmember": likest[1],
            }
        )
    return rows

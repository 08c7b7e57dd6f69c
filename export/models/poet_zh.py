"""A transformer that writes classical Chinese quatrains (绝句), character by character."""

from export import poets, quatrains, transformer
from export.resumable import Recipe
from export.run import Run
from glassbox.text.quatrains import FRONT
from glassbox.zoo.cards import Display, Name

# Setup
NAME = "poet_zh"
DISPLAY = Display(
    names={"en": Name("Quatrains"), "zh": Name("绝句")},
    order=0,
    colour="#B4483A",
)
SIZES = {"context": quatrains.CONTEXT, "layers": 4, "heads": 4, "width": 152, "neurons": 608, "dropout": 0.05}
RECIPE = Recipe(steps=36_000, batch_size=128, rate=3e-3, warmup=500, front=FRONT, watched=36, taught=0.9)


def main(run: Run) -> None:
    poets.make(
        run,
        lambda words: transformer.build(NAME, transformer.Shape(vocabulary=len(words), **SIZES)),
        RECIPE,
        architecture="transformer",
        heads=SIZES["heads"],
        display=DISPLAY,
    )

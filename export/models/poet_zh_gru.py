"""A GRU with as many weights as poet_zh, which learns from the same quatrains for the same time: its rival."""

from dataclasses import replace

from export import poets, writing
from export.models import poet_zh
from export.run import Run
from glassbox.zoo.cards import Display, Name

# Setup
NAME = "poet_zh_gru"
DISPLAY = Display(
    names={"en": Name("Quatrains, GRU"), "zh": Name("绝句 GRU")},
    order=1,
    colour="#7A6FA8",
)
SIZES = writing.Recipe(epochs=1, embedding=152, units=516, dropout=0.1)
RECIPE = replace(poet_zh.RECIPE, steps=26_000)  # 114 seconds on a GPU that takes 125 for the transformer


def main(run: Run) -> None:
    poets.make(
        run,
        lambda words: writing.build(NAME, words, SIZES),
        RECIPE,
        architecture="gru",
        heads=0,
        display=DISPLAY,
    )

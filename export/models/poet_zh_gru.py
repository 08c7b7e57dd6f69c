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
SIZES = writing.Recipe(epochs=1, embedding=144, units=488, dropout=0.15)
# A step takes 0.82 of the processor time of one of the transformer's.
RECIPE = replace(poet_zh.RECIPE, steps=22_000)


def main(run: Run) -> None:
    poets.make(
        run,
        lambda words: writing.build(NAME, words, SIZES),
        RECIPE,
        architecture="gru",
        heads=0,
        display=DISPLAY,
    )

"""A transformer that writes like Shakespeare's plays, character by character."""

from dataclasses import replace

import keras

from export import shakespeare, transformer, transformer_card, transformer_convert
from export.resumable import Recipe
from export.run import Run
from export.transformer_card import Texts
from glassbox.zoo.cards import Display, Name

# Setup
NAME = "poet_en"
DISPLAY = Display(names={"en": Name("Shakespeare"), "zh": Name("莎士比亚")}, order=2, colour="#3E6FA8")
SIZES = {"context": shakespeare.CONTEXT, "layers": 4, "heads": 4, "width": 128, "neurons": 512, "dropout": 0.1}
RECIPE = Recipe(steps=8_000, batch_size=64, rate=2e-3, warmup=300, watched=30)


def main(run: Run) -> None:
    # Setup
    run.limit_threads()
    keras.utils.set_random_seed(run.seed)
    recipe = replace(RECIPE, steps=4, watched=2) if run.quick else RECIPE
    # Data
    plays = shakespeare.load(run.text)
    train, test = (shakespeare.windows(part)[: 4 if run.quick else None] for part in (plays.train, plays.test))
    # Build
    model = transformer.build(NAME, transformer.Shape(vocabulary=len(plays.vocabulary), **SIZES))
    # Train
    trainer = run.trainer(model, recipe)
    training = trainer.train(lambda step: plays.batch(step, recipe.batch_size, run.seed), test)
    if not run.exports():
        return
    passes = max(1, round(recipe.steps * recipe.batch_size * shakespeare.CONTEXT / len(plays.train)))
    # Evaluate and export
    converted = transformer_convert.convert(model)
    run.write(
        converted,
        transformer_card.describe(
            model,
            converted,
            task="plays",
            architecture="transformer",
            heads=SIZES["heads"],
            texts=Texts(train, test, plays.vocabulary, 1, shakespeare.DATASET),
            training=replace(training, epochs=passes),
            differences=transformer_convert.differences(model, converted, test[:64, :-1]),
            seed=run.seed,
            display=DISPLAY,
        ),
    )

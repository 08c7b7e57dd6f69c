"""What an English sentence asks of an assistant: one of 18 scenarios, read word by word."""

import keras

from export import sentences, text_card, text_convert, text_train
from export.run import Run
from export.text_train import Recipe

# Setup
NAME = "text_en_intent"
CELL = "gru"
NAMES = {"en": "network for requests to an assistant", "zh": "助手指令网络"}
"""What the network is called, by language."""
ORDER = 7
"""Its place among the classifiers of text."""
RECIPE = Recipe("word", epochs=8, embedding=48, units=96, longest=20)


def main(run: Run) -> None:
    # Setup
    keras.utils.set_random_seed(run.seed)
    recipe = run.plan(RECIPE)
    # Data
    corpus = run.some(sentences.scenarios(run.text))
    words = text_train.vocabulary(corpus.train.texts, recipe.unit, recipe.rarest)
    # Build
    model = text_train.build(NAME, CELL, words, len(corpus.labels), recipe)
    # Train
    training = text_train.fit(model, corpus, words, recipe, run.seed)
    # Evaluate and export
    converted = text_convert.classifier(model)
    baseline = text_card.yardstick(corpus, recipe.unit)
    run.write(
        converted,
        text_card.describe(
            model,
            converted,
            training=training,
            corpus=corpus,
            words=words,
            task="scenario",
            cell=CELL,
            seed=run.seed,
            baseline=baseline,
            display=text_card.display(CELL, ORDER, NAMES),
        ),
    )

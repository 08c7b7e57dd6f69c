"""The topic of a Chinese utterance, read character by character, by an RNN, a GRU and an LSTM."""

from dataclasses import replace

import keras

from export import sentences, text_card, text_convert, text_train
from export.run import Run
from export.text_train import Recipe

# Setup
RECIPE = Recipe(
    "character", epochs=8, embedding=48, units=96, longest=48, dropout=0.4, forgetting=0.1, cropping=0.3, smoothing=0.0
)
NAMES = {"en": "{cell} for Chinese topics", "zh": "中文话题 {cell}"}
"""What the networks are called, by language."""
ORDER = 1
"""Their first's place among the classifiers of text."""
RECIPES = {
    "rnn": replace(RECIPE, learning_rate=1e-3, dropout=0.3),
    "gru": RECIPE,
    "lstm": RECIPE,
}


def main(run: Run) -> None:
    # Data
    corpus = run.some(sentences.topics(run.text))
    baseline = text_card.yardstick(corpus, "character")
    for place, (cell, recipe) in enumerate(RECIPES.items(), ORDER):
        # Setup
        keras.utils.set_random_seed(run.seed)
        recipe = run.plan(recipe)
        # Build
        words = text_train.vocabulary(corpus.train.texts, recipe.unit, recipe.rarest)
        model = text_train.build(f"text_zh_{cell}", cell, words, len(corpus.labels), recipe)
        # Train
        training = text_train.fit(model, corpus, words, recipe, run.seed)
        # Evaluate and export
        converted = text_convert.classifier(model)
        run.write(
            converted,
            text_card.describe(
                model,
                converted,
                training=training,
                corpus=corpus,
                words=words,
                task="topic",
                cell=cell,
                seed=run.seed,
                baseline=baseline,
                display=text_card.display(cell, place, NAMES),
            ),
        )

"""Whether a sentence of a film review is in favour, read word by word, by an RNN, a GRU and an LSTM."""

from dataclasses import replace

import keras

from export import sentences, text_card, text_convert, text_train
from export.run import Run
from export.text_train import Recipe

# Setup
RECIPE = Recipe("word", epochs=4, embedding=32, units=64, rarest=3, longest=40, dropout=0.5, forgetting=0.1)
NAMES = {"en": "{cell} for film reviews", "zh": "影评 {cell}"}
"""What the networks are called, by language."""
ORDER = 4
"""Their first's place among the classifiers of text."""
RECIPES = {
    "rnn": replace(RECIPE, epochs=5, learning_rate=1e-3),
    "gru": RECIPE,
    "lstm": RECIPE,
}


def main(run: Run) -> None:
    # Data
    corpus = run.some(sentences.reviews(run.text))
    baseline = text_card.yardstick(corpus, "word")
    for place, (cell, recipe) in enumerate(RECIPES.items(), ORDER):
        # Setup
        keras.utils.set_random_seed(run.seed)
        recipe = run.plan(recipe)
        # Build
        words = text_train.vocabulary(corpus.train.texts, recipe.unit, recipe.rarest)
        model = text_train.build(f"text_en_{cell}", cell, words, len(corpus.labels), recipe)
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
                task="sentiment",
                cell=cell,
                seed=run.seed,
                baseline=baseline,
                display=text_card.display(cell, place, NAMES),
            ),
        )

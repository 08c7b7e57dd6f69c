"""A character language model of English: writes like film critics, and like people who talk to an assistant."""

import keras

from export import sentences, text_card, text_convert, text_train, writing
from export.run import Run
from export.studies.memorisation import measure_sentences
from export.writing import Recipe
from glassbox.zoo.cards import Display, Name

# Setup
NAME = "char_en"
DISPLAY = Display(
    names={"en": Name("English language model"), "zh": Name("英文语言模型")},
    order=2,
    colour="#1B8A94",
)
RECIPE = Recipe(epochs=7, embedding=32, units=224, window=96, batch_size=32, dropout=0.1)


def main(run: Run) -> None:
    # Setup
    keras.utils.set_random_seed(run.seed)
    recipe = run.plan(RECIPE)
    # Data
    texts = run.some(sentences.english(run.text))
    words = text_train.vocabulary(
        texts.train, "character", rarest=recipe.rarest, first=[writing.BOUNDARY], most=recipe.most
    )
    # Build
    model = writing.build(NAME, words, recipe)
    # Train
    training = writing.fit(model, texts, words, recipe, run.seed)
    # Evaluate and export
    converted = text_convert.language_model(model)
    run.write(
        converted,
        text_card.describe_writer(
            model,
            converted,
            training=training,
            texts=texts,
            words=words,
            cell=recipe.cell,
            window=recipe.window,
            display=DISPLAY,
            seed=run.seed,
        ),
    )
    measure_sentences(run, NAME, texts)

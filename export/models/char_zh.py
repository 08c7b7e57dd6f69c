"""A character language model of Chinese: writes as the people in the dialogues of the topic set do."""

import keras

from export import sentences, text_card, text_convert, text_train, writing
from export.run import Run
from export.studies.memorisation import measure_sentences
from export.writing import Recipe
from glassbox.zoo.cards import Display, Name

# Setup
NAME = "char_zh"
DISPLAY = Display(
    names={"en": Name("Chinese language model"), "zh": Name("中文语言模型")},
    order=1,
    colour="#1B8A94",
)
RECIPE = Recipe(epochs=10, embedding=64, units=192, most=2000, window=64, batch_size=32, dropout=0.1)


def main(run: Run) -> None:
    # Setup
    keras.utils.set_random_seed(run.seed)
    recipe = run.plan(RECIPE)
    # Data
    texts = run.some(sentences.chinese(run.text))
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

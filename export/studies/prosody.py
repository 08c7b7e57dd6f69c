"""The tones, rhymes and readings of the characters of each transformer that writes quatrains: beside its card."""

from export import poems, quatrains
from export.run import Run
from glassbox.zoo import transformer_models


def main(run: Run) -> None:
    """Write them for every network of run.out that writes quatrains."""
    for name, card in transformer_models.load(run.out).cards.items():
        if (card.architecture, card.task) == ("transformer", "quatrains"):
            characters = [entry for entry in card.vocabulary if len(entry) == 1 and entry.isalpha()]
            tones = quatrains.load(run.text).tones
            found = poems.prosody(tones, characters)
            told = run.write_beside(name, transformer_models.PROSODY, found.to_bytes(card.vocabulary))
            toned = sum(entry in tones.of for entry in characters)
            rhymed = sum(bool(found.rhymes[entry]) for entry in characters)
            run.tell(name, "prosody", told | {"toned": toned, "rhymed": rhymed})

"""Pictures of digits: from any picture to 28x28 pixels, and from there to verdicts."""

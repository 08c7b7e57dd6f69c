"""The training scripts: one a model, or one for networks that differ in their cell alone. Each has `main(run)`."""

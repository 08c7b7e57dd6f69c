"""Glassbox 玻璃盒: see inside a neural network while it works.

The package by itself imports nothing. Its library takes ONNX models, as bytes, a path or a parsed model:

- `glassbox.graph`: models made of models: inner tensors as outputs (`taps.tap`) or replaced, run by run
  (`patch.with_patches`), the reverse-mode derivative (`gradient.differentiate`), training
  (`training.training_graph`), layers and costs (`structure.structure`);
- `glassbox.engine`: ONNX Runtime (`session.Session`);
- `glassbox.explain`: where a number came from (`terms.explain.Tapped`), which pixels decided
  (`attribution.registry.attribute`), what a neuron does (`ablation.Ablation`),
  what an attention head looks at (`heads.head_scores`) and writes (`circuits.ov_circuit`);
- `glassbox.training`, `glassbox.digits`, `glassbox.text`, `glassbox.zoo`, `glassbox.trust`: learners, readers, the
  networks that are shipped, and how far they can be trusted.
"""

import os

# ONNX Runtime reports home and keeps a device's id on disk unless this is set before it is imported, wherever that is.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"

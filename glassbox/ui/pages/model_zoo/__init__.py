"""The page `model_zoo`: the model zoo."""

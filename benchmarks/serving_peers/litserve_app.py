"""A model of one picture on LitServe, which takes it as base64 in JSON: see benchmarks/serving.py."""

import base64
import sys

import litserve
import numpy as np
import onnxruntime as ort


class Network(litserve.LitAPI):
    def setup(self, device: str) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(sys.argv[1], options)

    def decode_request(self, request: dict[str, str]) -> np.ndarray:
        return np.frombuffer(base64.b64decode(request["picture"]), np.float32).reshape(1, 28, 28)

    def predict(self, pictures: np.ndarray) -> np.ndarray:
        return self._session.run(None, {"picture": pictures})[0]

    def encode_response(self, probabilities: np.ndarray) -> dict[str, list[float]]:
        return {"probabilities": probabilities.tolist()}


if __name__ == "__main__":
    api = Network(max_batch_size=64, batch_timeout=0.001)
    litserve.LitServer(api, accelerator="cpu").run(port=int(sys.argv[2]), log_level="error", generate_client_file=False)

"""One step of a language model as an ONNX file, with weights drawn at random: what bench/peers/onnxruntime.mjs runs.

    python3 bench/peers/onnx-export.py '{"D": 100, "H": 100, "V": 10000, "layers": 1}' model.onnx
"""

import json
import sys
import warnings

import torch
from pytorch import LanguageModel
from torch import nn

warnings.simplefilter("ignore")


class Step(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.model = LanguageModel(**shape)

    def forward(self, token, h, c):
        logits, (h, c) = self.model(token, (h, c))
        return torch.softmax(logits[0], 1), h, c


shape = json.loads(sys.argv[1])
state = torch.zeros(shape["layers"], 1, shape["H"])
names = {"input_names": ["token", "h0", "c0"], "output_names": ["probabilities", "h", "c"]}
torch.onnx.export(Step(shape).eval(), (torch.zeros(1, 1, dtype=torch.long), state, state), sys.argv[2], **names)

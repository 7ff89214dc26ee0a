"""The cases of `seqloom bench` in PyTorch, the whole step of each.

    python3 bench/peers/pytorch.py --case rnnlm --threads 2 --steps 20

Without --steps it reads numbers from standard input: each line is a round of so many steps and is answered by a line of
JSON, so that bench/pairs.mjs can run two programs in turn. --shape takes other sizes, as JSON.
"""

import argparse
import json
import sys
import time

import torch
from torch import nn
from torch.nn.functional import cross_entropy

ADDITION = {"N": 128, "S": 7, "T": 4, "D": 16, "H": 128, "V": 13}
SMALL = {"D": 100, "H": 100, "V": 10_000, "layers": 1}
LARGE = {"D": 650, "H": 650, "V": 10_000, "layers": 2}
CHARACTERS = {"D": 64, "H": 256, "V": 65, "layers": 2}
WINDOW = {"N": 20, "T": 35}


class Seq2Seq(nn.Module):
    def __init__(self, D, H, V, peeky):
        super().__init__()
        C = H if peeky else 0
        self.peeky = peeky
        self.read, self.write = nn.Embedding(V, D), nn.Embedding(V, D)
        self.encoder, self.decoder = nn.LSTM(D, H), nn.LSTM(D + C, H)
        self.linear = nn.Linear(H + C, V)

    def encode(self, source):
        h = self.encoder(self.read(source))[1][0]
        return h, (h, torch.zeros_like(h))

    def decode(self, inputs, h, state):
        xs = self.write(inputs)
        context = h.expand(len(inputs), -1, -1)
        hs, state = self.decoder(torch.cat([context, xs], 2) if self.peeky else xs, state)
        return self.linear(torch.cat([context, hs], 2) if self.peeky else hs), state


class LanguageModel(nn.Module):
    def __init__(self, D, H, V, layers, dropout=0.0, tied=False):
        super().__init__()
        self.embedding = nn.Embedding(V, D)
        self.lstm = nn.LSTM(D, H, layers, dropout=dropout if layers > 1 else 0.0)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(H, V)
        if tied:
            self.linear.weight = self.embedding.weight
        for weight in self.parameters():
            nn.init.uniform_(weight, -0.05, 0.05)

    def forward(self, inputs, state=None):
        hs, state = self.lstm(self.dropout(self.embedding(inputs)), state)
        return self.linear(self.dropout(hs)), state


def update(model, optimizer, loss, clip):
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()


def train_pairs(shape, peeky):
    N, S, T, D, H, V = (shape[letter] for letter in "NSTDHV")
    model = Seq2Seq(D, H, V, peeky)
    adam = torch.optim.Adam(model.parameters(), lr=0.001)
    batches = [(torch.randint(V, (S, N)), torch.randint(V, (T + 1, N))) for _ in range(20)]
    while True:
        for source, target in batches:
            h, state = model.encode(source)
            logits, _ = model.decode(target[:-1], h, state)
            update(model, adam, cross_entropy(logits.view(-1, V), target[1:].reshape(-1)), 5.0)
            yield


def train_text(shape, dropout, tied):
    N, T, V = shape["N"], shape["T"], shape["V"]
    model = LanguageModel(shape["D"], shape["H"], V, shape["layers"], dropout, tied)
    sgd = torch.optim.SGD(model.parameters(), lr=20.0)
    # Word k of the list is about 1/k as frequent as the first.
    ids = (torch.tensor(V + 1.0) ** torch.rand(20 * T + 1, N)).long().clamp(max=V) - 1
    state = None
    while True:
        for i in range(0, 20 * T, T):
            logits, state = model(ids[i : i + T], state)
            state = tuple(part.detach() for part in state)
            update(model, sgd, cross_entropy(logits.view(-1, V), ids[i + 1 : i + T + 1].reshape(-1)), 0.25)
            yield


def generate(shape, dropout, tied):
    model = LanguageModel(shape["D"], shape["H"], shape["V"], shape["layers"], dropout, tied).eval()
    token, state = torch.zeros(1, 1, dtype=torch.long), None
    with torch.inference_mode():
        while True:
            logits, state = model(token, state)
            token = torch.multinomial(torch.softmax(logits[0], 1), 1)
            yield token.item()


def evaluate_pairs(shape):
    N, S, T, D, H, V = (shape[letter] for letter in "NSTDHV")
    model = Seq2Seq(D, H, V, False).eval()
    source, target = torch.randint(V, (S, N)), torch.randint(V, (T + 1, N))
    with torch.inference_mode():
        while True:
            h, start = model.encode(source)
            logits, _ = model.decode(target[:-1], h, start)
            cross_entropy(logits.view(-1, V), target[1:].reshape(-1)).item()
            token, state, right = target[:1], start, torch.ones(N, dtype=torch.bool)
            for t in range(T):
                logits, state = model.decode(token, h, state)
                token = logits.argmax(2)
                right &= token[0] == target[t + 1]
            yield right.float().mean().item()


CASES = {
    "addition-plain": (lambda shape: train_pairs(shape, False), ADDITION),
    "addition-peeky": (lambda shape: train_pairs(shape, True), ADDITION),
    "rnnlm": (lambda shape: train_text(shape, 0.0, False), {**WINDOW, **SMALL}),
    "better-rnnlm": (lambda shape: train_text(shape, 0.5, True), {**WINDOW, **LARGE}),
    "generate-rnnlm": (lambda shape: generate(shape, 0.0, False), SMALL),
    "generate-better-rnnlm": (lambda shape: generate(shape, 0.5, True), LARGE),
    "generate-characters": (lambda shape: generate(shape, 0.2, False), CHARACTERS),
    "evaluate-addition": (evaluate_pairs, {**ADDITION, "N": 500}),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--shape", type=json.loads)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    make, usual = CASES[options.case]
    steps = make(options.shape or usual)
    for _ in range(3):
        next(steps)
    print(json.dumps({"ready": True}), flush=True)
    for line in [options.steps] if options.steps else sys.stdin:
        count = int(line)
        start = time.perf_counter()
        for _ in range(count):
            next(steps)
        ms = (time.perf_counter() - start) * 1000 / count
        speed = {"tokensPerSecond": 1000 / ms} if options.case.startswith("generate") else {}
        print(json.dumps({"case": options.case, "threads": options.threads, "msPerStep": ms, **speed}), flush=True)


if __name__ == "__main__":
    main()

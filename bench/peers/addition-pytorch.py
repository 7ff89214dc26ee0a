"""The book's addition models in PyTorch, on its own file and split: what our figures are held against.

    python3 bench/peers/addition-pytorch.py addition.txt plain|reverse|peeky [seed] [epsilon of Adam] [epochs]

Prints the share of right answers on the held-out 5,000 after each epoch. Initial weights, Adam 0.001, clip 5 and batches
of 128 are the book's (Saito 2018, chapter 7).
"""

import sys

import numpy as np
import torch

path, kind, *rest = sys.argv[1:]
seed, epsilon, epochs = [convert(given) for convert, given in zip((int, float, int), rest + ["1", "1e-8", "25"][len(rest) :])]
lines = [line.rstrip("\n") for line in open(path)]
pairs = [(line[: line.index("_")], line[line.index("_") :]) for line in lines]
ids = {}
for question, answer in pairs:
    for character in question + answer:
        ids.setdefault(character, len(ids))
order = np.arange(len(pairs))
np.random.RandomState(1984).shuffle(order)
xs, ts = (torch.tensor([[ids[c] for c in pairs[i][side]] for i in order]) for side in (0, 1))
if kind != "plain":
    xs = xs.flip(1)
held = len(xs) - len(xs) // 10
V, D, H, peeky = len(ids), 16, 128, kind == "peeky"
draws = torch.Generator().manual_seed(seed)


def weight(rows, columns, scale):
    return torch.nn.Parameter(torch.randn(rows, columns, generator=draws) * scale)


def lstm(size):
    layer = torch.nn.LSTM(size, H, batch_first=True)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.randn(4 * H, size, generator=draws) / size**0.5)
        layer.weight_hh_l0.copy_(torch.randn(4 * H, H, generator=draws) / H**0.5)
        layer.bias_ih_l0.zero_()
        layer.bias_hh_l0.zero_()
    layer.bias_hh_l0.requires_grad = False
    return layer


read, write = weight(V, D, 0.01), weight(V, D, 0.01)
encoder, decoder = lstm(D), lstm(D + H if peeky else D)
out = weight(V, 2 * H if peeky else H, (2 * H if peeky else H) ** -0.5)
bias = torch.nn.Parameter(torch.zeros(V))
layers = [p for layer in (encoder, decoder) for p in layer.parameters() if p.requires_grad]
params = [read, write, out, bias, *layers]
adam = torch.optim.Adam(params, lr=0.001, eps=epsilon)


def decode(h, inputs, state):
    seen = h[0][:, None].expand(-1, inputs.shape[1], -1)
    hs, state = decoder(torch.cat([seen, write[inputs]], 2) if peeky else write[inputs], state)
    return (torch.cat([seen, hs], 2) if peeky else hs) @ out.T + bias, state


def score():
    with torch.no_grad():
        _, (h, _) = encoder(read[xs[held:]])
        state, token = (h, torch.zeros_like(h)), ts[held:, :1]
        right = torch.ones(len(xs) - held, dtype=torch.bool)
        for t in range(1, ts.shape[1]):
            logits, state = decode(h, token, state)
            token = logits.argmax(2)
            right &= token[:, 0] == ts[held:, t]
        return right.float().mean().item()


for epoch in range(1, epochs + 1):
    shuffled = torch.randperm(held, generator=draws)
    for i in range(held // 128):
        rows = shuffled[i * 128 : (i + 1) * 128]
        _, (h, _) = encoder(read[xs[rows]])
        logits, _ = decode(h, ts[rows, :-1], (h, torch.zeros_like(h)))
        loss = torch.nn.functional.cross_entropy(logits.reshape(-1, V), ts[rows, 1:].reshape(-1))
        adam.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 5.0)
        adam.step()
    print(f"epoch {epoch}: {score():.4f}", flush=True)

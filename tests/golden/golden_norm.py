#!/usr/bin/env python3
"""Golden data of activations, normalisation and losses; see make_golden.py, whose tools this uses.

Usage: python3 golden_norm.py [family ...]
"""
import math
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

from make_golden import DATA, Family


# ---- activations -----------------------------------------------------------------------------------------------------

ACTIVATIONS = {
    "scaled_tanh": lambda t, a: 1.7159 * torch.tanh(t["x"] * 2 / 3),
    "prelu": lambda t, a: F.prelu(t["x"], t["weight"]),
    "selu": lambda t, a: F.selu(t["x"]),
    "celu": lambda t, a: F.celu(t["x"], a["alpha"]),
    "silu": lambda t, a: F.silu(t["x"]),
    "mish": lambda t, a: F.mish(t["x"]),
    "softplus": lambda t, a: F.softplus(t["x"], a["beta"], a["threshold"]),
    "log_sigmoid": lambda t, a: F.logsigmoid(t["x"]),
    "softsign": lambda t, a: F.softsign(t["x"]),
    "clamp": lambda t, a: F.hardtanh(t["x"], a["least"], a["most"]),
    "relu6": lambda t, a: F.relu6(t["x"]),
    # PyTorch 1.13 takes a float 1/6 for the slope of its hardsigmoid, in double too
    "hard_sigmoid": lambda t, a: F.hardtanh(t["x"] / 6 + 0.5, 0.0, 1.0),
    "hard_swish": lambda t, a: F.hardswish(t["x"]),
    "threshold": lambda t, a: F.threshold(t["x"], a["threshold"], a["value"]),
    "hard_shrink": lambda t, a: F.hardshrink(t["x"], a["lambda"]),
    "soft_shrink": lambda t, a: F.softshrink(t["x"], a["lambda"]),
    "tanh_shrink": lambda t, a: F.tanhshrink(t["x"]),
    "softmax": lambda t, a: F.softmax(t["x"], a["dim"]),
    "log_softmax": lambda t, a: F.log_softmax(t["x"], a["dim"]),
    "softmin": lambda t, a: F.softmin(t["x"], a["dim"]),
    "glu": lambda t, a: F.glu(t["x"], a["dim"]),
}


def activations(f):
    def add(name, kind, x, wrt=None, weight=None, **attrs):
        inputs = {"x": x} if weight is None else {"x": x, "weight": weight}
        f.case(name, {"kind": kind, **attrs}, inputs, lambda t: {"y": ACTIVATIONS[kind](t, attrs)}, wrt)

    wide, image, rows = np.linspace(-29.9, 30.2, 61, dtype=np.float32), f.normal(2, 4, 3, 5, scale=2.0), f.normal(2, 17, scale=3.0)
    special = np.array([math.nan, math.inf, -math.inf, 0, -0.0, 1, -1, 1e-30, -1e-30, 1e-6, 20, -20, 80, -80], np.float32)
    parameters = {"celu": [{"alpha": 1.0}, {"alpha": 0.5}], "softplus": [{"beta": 1.0, "threshold": 20.0}, {"beta": 2.0, "threshold": 3.0}],
                  "clamp": [{"least": -1.0, "most": 1.0}, {"least": 0.25, "most": 2.5}], "threshold": [{"threshold": 0.5, "value": -3.0}],
                  "hard_shrink": [{"lambda": 0.5}, {"lambda": 1.25}], "soft_shrink": [{"lambda": 0.5}, {"lambda": 1.25}]}
    # where PyTorch has NaN for an infinity, or 0 for NaN, and we the limit, or NaN
    other_limits = ("softsign", "soft_shrink", "silu", "mish", "hard_swish")
    for kind in ACTIVATIONS:
        if kind in ("prelu", "softmax", "log_softmax", "softmin", "glu"):
            continue
        for i, attrs in enumerate(parameters.get(kind, [{}])):
            for tail, x in (("wide", wide), ("image", image), ("rows", rows)):
                add(f"{kind}{i}_{tail}", kind, x, **attrs)
            if kind not in other_limits:
                add(f"{kind}{i}_special", kind, special, wrt=(), **attrs)
    for dim in range(-4, 4):
        for kind in ("softmax", "log_softmax", "softmin"):
            add(f"{kind}_{dim}", kind, image, dim=dim)
    for dim, x in ((0, image), (1, image), (-3, image), (0, rows)):
        add(f"glu_{dim}_{x.ndim}", "glu", x, dim=dim)
    for tail, x in (("image", image), ("rows", rows), ("wide", wide)):
        add(f"prelu_{tail}", "prelu", x, weight=np.array([0.25], np.float32))
    add("prelu_each_image", "prelu", image, weight=f.normal(4))
    add("prelu_each_rows", "prelu", rows, weight=f.normal(17))
    add("prelu_at_zero", "prelu", np.array([-1, 0, -0.0, 2], np.float32), weight=np.array([0.25], np.float32))


# ---- normalisation ---------------------------------------------------------------------------------------------------

def local_mean(x, window):
    """The weighted mean over the window, renormalised at the borders, and all channels."""
    kernel, pad = window[None, None], window.shape[0] // 2
    inside = F.conv2d(torch.ones_like(x[:1, :1]), kernel, padding=pad)
    return F.conv2d(x.mean(1, keepdim=True), kernel, padding=pad) / inside


def divisive(x, window):
    deviation = local_mean(x * x, window).clamp(min=1e-8).sqrt()
    return x / torch.maximum(deviation, deviation.mean((1, 2, 3), keepdim=True))


def response_sum(x, size, alpha, beta, k):
    """The AlexNet paper's form with MatConvNet's place of even windows."""
    before, channels = (size - 1) // 2, x.shape[1]
    squares = [(x * x)[:, max(0, c - before):c + size - before].sum(1, keepdim=True) for c in range(channels)]
    return x / (k + alpha * torch.cat(squares, 1)) ** beta


def normalization(f):
    def add(name, kind, inputs, function, **attrs):
        f.case(name, {"kind": kind, **attrs}, inputs, lambda t: {"y": function(t)})

    shapes = ((3, 7), (2, 5, 6), (2, 6, 4, 5), (2, 33), (1, 4, 2, 3, 2))
    for shape in shapes:
        # two values alone, whose difference may be small, make no good case
        for dims in range(2 if shape[-1] == 2 else 1, len(shape)):
            block, size = shape[len(shape) - dims:], "x".join(map(str, shape))
            x = f.normal(*shape, scale=2.0, mean=0.5)
            weight, bias = f.normal(*block), f.normal(*block)
            add(f"layer_norm_{size}_{dims}", "layer_norm", {"x": x, "weight": weight, "bias": bias},
                lambda t: F.layer_norm(t["x"], block, t["weight"], t["bias"], 1e-5), dims=dims, eps=1e-5)
            over = tuple(range(-dims, 0))
            add(f"rms_norm_{size}_{dims}", "rms_norm", {"x": x, "weight": weight},
                lambda t: t["x"] * torch.rsqrt((t["x"] ** 2).mean(over, keepdim=True) + 1e-6) * t["weight"], dims=dims, eps=1e-6)
            if dims > 1:
                continue
            add(f"layer_norm_plain_{size}_{dims}", "layer_norm", {"x": x}, lambda t: F.layer_norm(t["x"], block, eps=1e-3), dims=dims, eps=1e-3)
    for shape, groups in (((3, 8), 2), ((2, 6, 5), 3), ((2, 6, 4, 5), 1), ((2, 6, 4, 5), 2), ((3, 6, 3, 3), 6), ((1, 16, 3, 4), 4),
                          ((2, 4, 2, 3, 2), 2), ((1, 20, 7, 3), 5)):
        c, size = shape[1], "x".join(map(str, shape))
        x, weight, bias = f.normal(*shape, scale=2.0, mean=-0.5), f.normal(c), f.normal(c)
        add(f"group_norm_{size}_{groups}", "group_norm", {"x": x, "weight": weight, "bias": bias},
            lambda t: F.group_norm(t["x"], groups, t["weight"], t["bias"], 1e-5), groups=groups, eps=1e-5)
        add(f"group_norm_plain_{size}_{groups}", "group_norm", {"x": x}, lambda t: F.group_norm(t["x"], groups, eps=1e-2), groups=groups, eps=1e-2)
        if len(shape) > 2:
            add(f"instance_norm_{size}_{groups}", "instance_norm", {"x": x, "weight": weight, "bias": bias},
                lambda t: F.instance_norm(t["x"], weight=t["weight"], bias=t["bias"], eps=1e-5), eps=1e-5)
    for size in (1, 2, 4, 5, 7):
        for shape in ((2, 6, 3, 4), (1, 9, 5), (2, 3, 2, 2)):
            attrs = {"size": size, "alpha": 0.3, "beta": 0.75, "k": 2.0 if size % 2 else 1.0}
            x, arguments = f.normal(*shape, scale=2.0), (attrs["size"], attrs["alpha"], attrs["beta"], attrs["k"])
            add(f"lrn_mean_{size}_{shape[1]}", "lrn_mean", {"x": x}, lambda t: F.local_response_norm(t["x"], *arguments), **attrs)
            add(f"lrn_sum_{size}_{shape[1]}", "lrn_sum", {"x": x}, lambda t: response_sum(t["x"], *arguments), **attrs)
    for shape, size in (((2, 3, 7, 6), 3), ((1, 1, 9, 9), 5), ((2, 2, 4, 3), 9)):
        r = np.arange(size) - size // 2
        window = np.exp(-(r[:, None] ** 2 + r ** 2) / (2 * 1.5 ** 2))
        inputs = {"x": f.normal(*shape, mean=1.0), "window": (window / window.sum()).astype(np.float32)}
        add(f"subtractive_{size}", "subtractive", inputs, lambda t: t["x"] - local_mean(t["x"], t["window"]))
        add(f"divisive_{size}", "divisive", inputs, lambda t: divisive(t["x"], t["window"]))
        add(f"local_contrast_{size}", "local_contrast", inputs,
            lambda t: divisive(t["x"] - local_mean(t["x"], t["window"]), t["window"]))


# ---- all -------------------------------------------------------------------------------------------------------------

FAMILIES = {"activations": activations, "normalization": normalization}


def main():
    torch.set_num_threads(1)
    os.makedirs(DATA, exist_ok=True)
    for name in sys.argv[1:] or FAMILIES:
        family = Family(name)
        FAMILIES[name](family)
        family.write()


if __name__ == "__main__":
    main()

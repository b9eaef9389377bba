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


# ---- all -------------------------------------------------------------------------------------------------------------

FAMILIES = {"activations": activations}


def main():
    torch.set_num_threads(1)
    os.makedirs(DATA, exist_ok=True)
    for name in sys.argv[1:] or FAMILIES:
        family = Family(name)
        FAMILIES[name](family)
        family.write()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What training asks of losses beside their values, computed with PyTorch: the perceptrons' rules, and gradients of gradients.

Run: /usr/bin/python3 tests/golden/golden_training.py [family...]; see README.md.
"""
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

from make_golden import DATA, Family


def perceptrons(f):
    def reduced(each, reduction):
        return {"none": lambda: each, "mean": each.mean, "sum": each.sum}[reduction]()

    for reduction in ("none", "mean", "sum"):
        for shape in ((9,), (5, 4), (2, 3, 2, 3)):
            x = f.normal(*shape)
            x.flat[0] = 0
            hot = (f.uniform(*shape) < 0.5).astype(np.float32)
            f.case(f"perceptron_{len(shape)}_{reduction}", {"kind": "perceptron", "reduction": reduction}, {"x": x, "target": hot},
                   lambda t: {"loss": reduced(((t["x"] >= 0).to(t["x"].dtype) - t["target"]).detach() * t["x"], reduction)}, ["x"])
        x = f.normal(8, 5)
        x[0] = 0
        labels = f.integers(0, 5, 8)
        f.case(f"classes_{reduction}", {"kind": "classes", "reduction": reduction}, {"x": x, "labels": labels},
               lambda t: {"loss": reduced(t["x"].max(1)[0] - t["x"].gather(1, t["labels"][:, None])[:, 0], reduction)}, ["x"])


def second_derivatives(f):
    """y is the gradient of a loss; its own gradients are by what the loss was of, and by the upstream gradient "seed"."""

    def add(name, kind, inputs, loss, wrt, **attrs):
        def gradient(t):
            value = loss(t)
            by = t["x"] if t["x"].requires_grad else t["x"].requires_grad_()
            return {"y": torch.autograd.grad(value, by, t["seed"], create_graph=True)[0]}

        f.case(name, {"kind": kind, **attrs}, inputs, gradient, wrt)

    for reduction in ("none", "mean", "sum"):
        for smoothing, weighted in ((0.0, False), (0.1, True)):
            labels = f.integers(0, 4, 6)
            labels[2] = -100
            more = {"weights": f.uniform(4, low=0.25, high=2.0)} if weighted else {}
            add(f"cross_entropy_{reduction}_{smoothing}", "cross_entropy",
                {"x": f.normal(6, 4), "labels": labels, "seed": f.normal(*((6,) if reduction == "none" else ())), **more},
                lambda t: F.cross_entropy(t["x"], t["labels"], t.get("weights"), reduction=reduction, label_smoothing=smoothing),
                ["x", "seed"], reduction=reduction, smoothing=smoothing)
        soft = torch.softmax(torch.from_numpy(f.normal(6, 4)), 1).numpy()
        add(f"soft_{reduction}", "soft", {"x": f.normal(6, 4), "target": soft, "seed": f.normal(*((6,) if reduction == "none" else ()))},
            lambda t: F.cross_entropy(t["x"], t["target"], reduction=reduction, label_smoothing=0.1), ["x", "target", "seed"],
            reduction=reduction, smoothing=0.1)
        for weighted in (False, True):
            more = {"weight": f.uniform(3, 5), "pos_weight": f.uniform(5, low=0.5, high=2.0)} if weighted else {}
            add(f"bce_{reduction}_{int(weighted)}", "bce",
                {"x": f.normal(3, 5), "target": f.uniform(3, 5), "seed": f.normal(*((3, 5) if reduction == "none" else ())), **more},
                lambda t: F.binary_cross_entropy_with_logits(t["x"], t["target"], t.get("weight"), reduction=reduction,
                                                             pos_weight=t.get("pos_weight")), ["x", "target", "seed"], reduction=reduction)
        for p in (1, 2):
            add(f"multi_margin_{reduction}_{p}", "multi_margin",
                {"x": f.normal(6, 4), "labels": f.integers(0, 4, 6), "seed": f.normal(*((6,) if reduction == "none" else ()))},
                lambda t: margins(t["x"], t["labels"], p, 0.75, reduction), ["x", "seed"], reduction=reduction, p=p, margin=0.75)
    for kind, shape, norm in (("group_norm", (3, 6, 2, 3), lambda t: F.group_norm(t["x"], 2, t["weight"], t["bias"], 1e-3)),
                              ("instance_norm", (2, 3, 3, 2), lambda t: F.instance_norm(t["x"], None, None, t["weight"], t["bias"], eps=1e-3)),
                              ("layer_norm", (4, 7), lambda t: F.layer_norm(t["x"], (7,), t["weight"], t["bias"], 1e-3)),
                              ("batch_norm", (4, 3, 2, 2), lambda t: F.batch_norm(t["x"], None, None, t["weight"], t["bias"], True, eps=1e-3))):
        c = shape[1]
        add(kind, kind, {"x": f.normal(*shape), "weight": f.uniform(c, low=0.5, high=1.5), "bias": f.normal(c), "seed": f.normal(*shape)},
            norm, ["x", "weight", "seed"], eps=1e-3)


def margins(x, labels, p, margin, reduction):
    """multi_margin_loss by its formula: PyTorch's own cannot be differentiated twice."""
    violation = (margin + x - x.gather(1, labels[:, None])).clamp(min=0) ** p
    each = (violation * (1 - F.one_hot(labels, x.shape[1]))).sum(1) / x.shape[1]
    return {"none": lambda: each, "mean": each.mean, "sum": each.sum}[reduction]()


FAMILIES = {"perceptrons": perceptrons, "second_derivatives": second_derivatives}


def main():
    torch.set_num_threads(1)
    os.makedirs(DATA, exist_ok=True)
    for name in sys.argv[1:] or FAMILIES:
        family = Family(name)
        FAMILIES[name](family)
        family.write()


if __name__ == "__main__":
    main()

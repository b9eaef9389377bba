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
    "hard_tanh": lambda t, a: F.hardtanh(t["x"]),
    "step": lambda t, a: torch.heaviside(t["x"], torch.full_like(t["x"], a["at_zero"])),
    "maxout": lambda t, a: t["x"].unflatten(a["dim"], (-1, a["pieces"])).amax(a["dim"] + 1 if a["dim"] >= 0 else a["dim"]),
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
        if kind in ("prelu", "softmax", "log_softmax", "softmin", "glu", "hard_tanh", "step", "maxout"):
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
    for tail, x in (("image", image), ("rows", rows), ("wide", wide)):
        add(f"hard_tanh_{tail}", "hard_tanh", x)
    for at_zero in (0.0, 0.5, 1.0):
        add(f"step_{at_zero}", "step", np.array([-2, -1e-30, -0.0, 0, 1e-30, 3, math.inf, -math.inf], np.float32), wrt=(), at_zero=at_zero)
    for dim, pieces in ((1, 2), (0, 2), (-1, 5), (2, 1)):
        add(f"maxout_{dim}", "maxout", image, dim=dim, pieces=pieces)


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


def batch_normalization(f):
    def add(name, kind, shape, affine=True, momentum=None, counted=None, training=True):
        c, size = shape[1], "x".join(map(str, shape))
        inputs = {"x": f.normal(*shape, scale=2.0, mean=0.5)}
        if affine:
            inputs["weight"], inputs["bias"] = f.normal(c), f.normal(c)
        if momentum is not None or counted is not None:
            inputs["running_mean"], inputs["running_var"] = f.normal(c), f.uniform(c, low=0.5, high=2.0)
        if counted is not None:
            inputs["num_batches_tracked"] = np.array(counted, np.float32)
        share = momentum if counted is None else 1 / (counted + 1)

        def function(t):
            mean, var = (t[key].clone() if key in t else None for key in ("running_mean", "running_var"))
            use_batch = training or mean is None
            if kind == "batch":
                y = F.batch_norm(t["x"], mean, var, t.get("weight"), t.get("bias"), use_batch, share or 0.0, 1e-5)
            else:
                y = F.instance_norm(t["x"], mean, var, t.get("weight"), t.get("bias"), use_batch, share or 0.0, 1e-5)
            outputs = {"y": y}
            if training and mean is not None:
                outputs["running_mean"], outputs["running_var"] = mean, var
            if training and counted is not None:
                outputs["num_batches_tracked"] = t["num_batches_tracked"] + 1
            return outputs

        attrs = {"kind": kind, "training": int(training), "eps": 1e-5}
        if share is not None and counted is None:
            attrs["momentum"] = share
        f.case(f"{name}_{size}", attrs, inputs, function, wrt=("x", "weight", "bias") if affine else ("x",))

    for shape in ((6, 5), (3, 4, 7), (2, 4, 3, 5), (2, 3, 2, 3, 4)):
        for kind in ("batch",) if len(shape) == 2 else ("batch", "instance"):
            add(f"{kind}", kind, shape, momentum=0.1)
            add(f"{kind}_plain", kind, shape, affine=False, momentum=0.25)
            add(f"{kind}_untracked", kind, shape)
            add(f"{kind}_untracked_infer", kind, shape, affine=False, training=False)
            add(f"{kind}_infer", kind, shape, momentum=0.1, training=False)
            for counted in (0, 3):
                add(f"{kind}_average_{counted}", kind, shape, counted=counted)


# ---- losses ----------------------------------------------------------------------------------------------------------

def spread(labels, classes):
    """Ones in the labels' columns: [N, ...] to [N, K, ...]."""
    return F.one_hot(labels, classes).movedim(-1, 1)


def focal(t, a):
    log_p = F.log_softmax(t["x"], 1)
    chosen = (log_p * spread(t["labels"], log_p.shape[1])).sum(1)
    each = -(1 - chosen.exp()) ** a["gamma"] * chosen
    return reduced(each * t["weights"][t["labels"]] if "weights" in t else each, a)


def binary_focal(t, a):
    p = torch.sigmoid(t["x"])
    p_t = p * t["target"] + (1 - p) * (1 - t["target"])
    a_t = a["alpha"] * t["target"] + (1 - a["alpha"]) * (1 - t["target"])
    return reduced(-a_t * (1 - p_t) ** a["gamma"] * p_t.log(), a)


def overlap(t, a):
    over = [d for d in range(t["x"].ndim) if d != 1]
    both, p, y = ((v.sum(over)) for v in (t["x"] * t["target"], t["x"], t["target"]))
    ratio = (2 * both + a["smooth"]) / (p + y + a["smooth"]) if a["kind"] == "dice" else (both + a["smooth"]) / (p + y - both + a["smooth"])
    return reduced(1 - ratio, a)


def contrastive(t, a):
    d = (t["a"] - t["b"]).square().sum(-1)
    missing = (a["margin"] - (d + 1e-12).sqrt()).clamp(min=0) ** 2
    return reduced(0.5 * ((1 - t["target"]) * d + t["target"] * missing), a)


def multi_label(target):
    """PyTorch's targets of multilabel_margin_loss: class numbers, then -1."""
    rows = torch.full(target.shape, -1, dtype=torch.long)
    for r, row in enumerate(target):
        chosen = torch.nonzero(row).flatten()
        rows[r, :len(chosen)] = chosen
    return rows


def reduced(each, a):
    return {"none": lambda: each, "mean": each.mean, "sum": each.sum}[a["reduction"]]()


LOSSES = {
    "masked": lambda t, a: reduced(t["x"] * t["target"], a) if a["reduction"] != "mean" else t["x"][t["target"] > 0].mean(),
    "cross_entropy": lambda t, a: F.cross_entropy(t["x"], t["labels"], t.get("weights"), ignore_index=a["ignore_index"],
                                                  reduction=a["reduction"], label_smoothing=a["smoothing"]),
    "soft_cross_entropy": lambda t, a: F.cross_entropy(t["x"], t["target"], t.get("weights"), reduction=a["reduction"],
                                                       label_smoothing=a["smoothing"]),
    "nll": lambda t, a: F.nll_loss(t["x"], t["labels"], t.get("weights"), ignore_index=a["ignore_index"], reduction=a["reduction"]),
    "focal": focal, "binary_focal": binary_focal, "dice": overlap, "jaccard": overlap, "contrastive": contrastive,
    "multi_margin": lambda t, a: F.multi_margin_loss(t["x"], t["labels"], a["p"], a["margin"], reduction=a["reduction"]),
    "multi_label_margin": lambda t, a: F.multilabel_margin_loss(t["x"], multi_label(t["target"]), reduction=a["reduction"]),
    "multi_label_soft_margin": lambda t, a: F.multilabel_soft_margin_loss(t["x"], t["target"], t.get("weights"), reduction=a["reduction"]),
    "mse": lambda t, a: F.mse_loss(t["x"], t["target"], reduction=a["reduction"]),
    "l1": lambda t, a: F.l1_loss(t["x"], t["target"], reduction=a["reduction"]),
    "smooth_l1": lambda t, a: F.smooth_l1_loss(t["x"], t["target"], reduction=a["reduction"], beta=a["beta"]),
    "huber": lambda t, a: F.huber_loss(t["x"], t["target"], a["reduction"], a["delta"]),
    "bce": lambda t, a: F.binary_cross_entropy(t["x"], t["target"], t.get("weight"), reduction=a["reduction"]),
    "bce_logits": lambda t, a: F.binary_cross_entropy_with_logits(t["x"], t["target"], t.get("weight"), reduction=a["reduction"],
                                                                  pos_weight=t.get("pos_weight")),
    "soft_margin": lambda t, a: F.soft_margin_loss(t["x"], t["target"], reduction=a["reduction"]),
    "kl_divergence": lambda t, a: F.kl_div(t["x"], t["target"], reduction=a["reduction"], log_target=bool(a["log_target"])),
    "kl_batch_mean": lambda t, a: F.kl_div(t["x"], t["target"], reduction="batchmean"),
    "poisson_nll": lambda t, a: F.poisson_nll_loss(t["x"], t["target"], bool(a["log_input"]), bool(a["full"]), eps=1e-8, reduction=a["reduction"]),
    "gaussian_nll": lambda t, a: F.gaussian_nll_loss(t["x"], t["target"], t["var"], bool(a["full"]), 1e-6, a["reduction"]),
    "cosine_embedding": lambda t, a: F.cosine_embedding_loss(t["a"], t["b"], t["target"], a["margin"], reduction=a["reduction"]),
    "margin_ranking": lambda t, a: F.margin_ranking_loss(t["a"], t["b"], t["target"], a["margin"], reduction=a["reduction"]),
    "hinge_embedding": lambda t, a: F.hinge_embedding_loss(t["x"], t["target"], a["margin"], reduction=a["reduction"]),
    "triplet_margin": lambda t, a: F.triplet_margin_loss(t["a"], t["b"], t["c"], a["margin"], a["p"], 1e-6, bool(a["swap"]),
                                                         reduction=a["reduction"]),
}


def losses(f):
    def add(name, kind, inputs, wrt, **attrs):
        for reduction in ("none", "mean", "sum"):
            a = {"kind": kind, "reduction": reduction, **attrs}
            f.case(f"{name}_{reduction}", a, inputs, lambda t: {"loss": LOSSES[kind](t, a)}, wrt)

    def signs(*shape):
        return np.where(f.uniform(*shape) < 0.5, np.float32(-1), np.float32(1))

    for tail, shape in (("rows", (5, 4)), ("image", (2, 5, 3, 4)), ("lines", (3, 4, 3))):
        k, positions = shape[1], shape[:1] + shape[2:]
        x, labels, weights = f.normal(*shape, scale=2.0), f.integers(0, k, *positions), f.uniform(k, low=0.25, high=2.0)
        with_ignored = labels.copy()
        with_ignored.flat[1::4] = -100
        soft = torch.softmax(torch.from_numpy(f.normal(*shape)), 1).numpy()
        for smoothing, w in ((0.0, {}), (0.125, {"weights": weights})):
            more = "_weighted" if w else ""
            add(f"cross_entropy_{tail}{more}", "cross_entropy", {"x": x, "labels": with_ignored, **w}, ["x"], smoothing=smoothing, ignore_index=-100)
            add(f"soft_cross_entropy_{tail}{more}", "soft_cross_entropy", {"x": x, "target": soft, **w}, ["x", "target"], smoothing=smoothing)
            add(f"nll_{tail}{more}", "nll", {"x": x, "labels": with_ignored, **w}, ["x"], ignore_index=-100)
            add(f"focal_{tail}{more}", "focal", {"x": x, "labels": labels, **w}, ["x"], gamma=2.0 if w else 0.5)
        hot = (f.uniform(*shape) < 0.5).astype(np.float32)
        add(f"binary_focal_{tail}", "binary_focal", {"x": x, "target": hot}, ["x"], alpha=0.25, gamma=2.0)
        p = f.uniform(*shape, low=0.05, high=0.95)
        add(f"dice_{tail}", "dice", {"x": p, "target": hot}, ["x"], smooth=1.0)
        add(f"jaccard_{tail}", "jaccard", {"x": p, "target": hot}, ["x"], smooth=0.5)
    for p, margin in ((1, 1.0), (2, 0.5)):
        add(f"multi_margin_{p}", "multi_margin", {"x": f.normal(6, 5), "labels": f.integers(0, 5, 6)}, ["x"], p=p, margin=margin)
    hot = (f.uniform(6, 5) < 0.4).astype(np.float32)
    add("multi_label_margin", "multi_label_margin", {"x": f.normal(6, 5), "target": hot}, ["x"])
    add("multi_label_soft_margin", "multi_label_soft_margin", {"x": f.normal(6, 5), "target": hot}, ["x"])
    add("multi_label_soft_margin_weighted", "multi_label_soft_margin", {"x": f.normal(6, 5), "target": hot, "weights": f.uniform(5)}, ["x"])
    for shape in ((13,), (2, 3, 2, 3)):
        size = len(shape)
        x, y = f.normal(*shape, scale=2.0), f.normal(*shape)
        for kind, attrs in (("mse", {}), ("l1", {}), ("smooth_l1", {"beta": 1.0}), ("smooth_l1", {"beta": 0.25}), ("huber", {"delta": 0.75})):
            add(f"{kind}{''.join(map(str, attrs.values()))}_{size}", kind, {"x": x, "target": y}, ["x", "target"], **attrs)
        p, t, w = f.uniform(*shape, low=0.02, high=0.98), f.uniform(*shape), f.uniform(*shape, low=0.5, high=2.0)
        add(f"bce_{size}", "bce", {"x": p, "target": t}, ["x", "target"])
        add(f"bce_weighted_{size}", "bce", {"x": p, "target": t, "weight": w}, ["x"])
        add(f"bce_logits_{size}", "bce_logits", {"x": x, "target": t, "weight": w, "pos_weight": f.uniform(shape[-1], low=0.5, high=2.0)}, ["x"])
        add(f"soft_margin_{size}", "soft_margin", {"x": x, "target": signs(*shape)}, ["x"])
        add(f"hinge_embedding_{size}", "hinge_embedding", {"x": x, "target": signs(*shape)}, ["x"], margin=1.0)
        add(f"kl_divergence_{size}", "kl_divergence", {"x": -w, "target": t}, ["x", "target"], log_target=0)
        add(f"kl_divergence_log_{size}", "kl_divergence", {"x": -w, "target": -t}, ["x", "target"], log_target=1)
        counts = f.integers(0, 6, *shape).astype(np.float32)
        for log_input, full in ((1, 0), (0, 1), (1, 1)):
            add(f"poisson_nll_{log_input}{full}_{size}", "poisson_nll", {"x": y if log_input else w, "target": counts}, ["x"],
                log_input=log_input, full=full)
        for full in (0, 1):
            add(f"gaussian_nll_{full}_{size}", "gaussian_nll", {"x": x, "target": y, "var": w}, ["x", "target", "var"], full=full)
    zero = f.uniform(3, 4)
    zero[0, 1] = 0
    add("kl_of_zero", "kl_divergence", {"x": -f.uniform(3, 4), "target": zero}, ["x"], log_target=0)
    f.case("kl_batch_mean", {"kind": "kl_batch_mean", "reduction": "mean"}, {"x": -f.uniform(3, 4), "target": zero},
           lambda t: {"loss": LOSSES["kl_batch_mean"](t, {})}, ["x"])
    a, b, c = (f.normal(7, 5) for _ in range(3))
    add("cosine_embedding", "cosine_embedding", {"a": a, "b": b, "target": signs(7)}, ["a", "b"], margin=0.0)
    add("cosine_embedding_margin", "cosine_embedding", {"a": a, "b": a + b, "target": signs(7)}, ["a", "b"], margin=0.25)
    add("margin_ranking", "margin_ranking", {"a": a, "b": b, "target": signs(7, 5)}, ["a", "b"], margin=0.5)
    for p, swap in ((2, 0), (2, 1), (1, 0)):
        add(f"triplet_margin_{p}_{swap}", "triplet_margin", {"a": a, "b": b, "c": c}, ["a", "b", "c"], margin=1.0, p=p, swap=swap)
    add("contrastive", "contrastive", {"a": a, "b": b, "target": (signs(7) + 1) / 2}, ["a", "b"], margin=3.0)

    def alone(name, kind, inputs, wrt, function, **attrs):
        f.case(name, {"kind": kind, "reduction": "mean", **attrs}, inputs, lambda t: {"loss": function(t)}, wrt)

    alone("hinge", "hinge", {"x": f.normal(6, 5), "labels": f.integers(0, 5, 6)}, ["x"],
          lambda t: 5 * F.multi_margin_loss(t["x"], t["labels"]))
    alone("cosine", "cosine", {"a": a, "b": b}, ["a", "b"], lambda t: 1 - F.cosine_embedding_loss(t["a"], t["b"], torch.ones(7), reduction="none"))
    for p in (1, 2):
        alone(f"distance_{p}", "distance", {"a": a, "b": b}, ["a", "b"], lambda t: F.pairwise_distance(t["a"], t["b"], p), p=p)
    add("masked", "masked", {"x": a, "target": (signs(7, 5) + 1) / 2}, ["x"])


# ---- all -------------------------------------------------------------------------------------------------------------

FAMILIES = {"activations": activations, "normalization": normalization, "batch_normalization": batch_normalization, "losses": losses}


def main():
    torch.set_num_threads(1)
    os.makedirs(DATA, exist_ok=True)
    for name in sys.argv[1:] or FAMILIES:
        family = Family(name)
        FAMILIES[name](family)
        family.write()


if __name__ == "__main__":
    main()

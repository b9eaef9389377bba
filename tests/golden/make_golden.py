#!/usr/bin/env python3
"""Makes the golden data in tests/golden/data: one safetensors file per family of operations, computed by PyTorch.

Inputs and upstream gradients are float32 values. Everything computed from them is evaluated in float64 and stored as
F64. Each case is also evaluated in float32, to show that PyTorch's own float32 kernels agree: the largest error of each
family, relative to the largest magnitude of the tensor it is in, is printed. README.md describes the format.

Usage: python3 make_golden.py [family ...]
"""
import itertools
import json
import math
import os
import struct
import sys
import zlib

import numpy as np
import torch
import torch.nn.functional as F

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
SEED = 7
REDUCTIONS = ("none", "mean", "sum")


# ---- the file format -------------------------------------------------------------------------------------------------

DTYPES = {np.dtype(np.float64): "F64", np.dtype(np.float32): "F32", np.dtype(np.int32): "I32"}


def write_safetensors(path, tensors, metadata):
    """tensors: key -> numpy array. The widest elements come first, so that all are aligned in the file."""
    header, offset = {"__metadata__": metadata}, 0
    ordered = sorted(tensors.items(), key=lambda item: -item[1].itemsize)
    for key, array in ordered:
        header[key] = {"dtype": DTYPES[array.dtype], "shape": list(array.shape),
                       "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for _, array in ordered:
            out.write(array.astype(array.dtype.newbyteorder("<"), order="C", copy=False).tobytes())


# ---- families and cases ----------------------------------------------------------------------------------------------

class Family:
    """The cases of one file. Equal arrays are stored once, whatever case they belong to."""

    def __init__(self, name):
        self.name = name
        self.rng = np.random.default_rng([SEED, zlib.crc32(name.encode())])
        self.cases, self.tensors, self.key_of, self.worst = [], {}, {}, (0.0, "-")

    # Random inputs.

    def normal(self, *shape, scale=1.0, mean=0.0):
        return np.asarray(self.rng.standard_normal(shape) * scale + mean, np.float32)

    def uniform(self, *shape, low=0.0, high=1.0):
        return np.asarray(self.rng.uniform(low, high, shape), np.float32)

    def integers(self, low, high, *shape):
        return np.asarray(self.rng.integers(low, high, shape), np.int32)

    # Cases.

    def store(self, key, array):
        array = np.ascontiguousarray(array).reshape(np.shape(array))
        content = (array.dtype.str, array.shape, array.tobytes())
        if content not in self.key_of:
            assert key not in self.tensors, key
            self.tensors[key] = array
            self.key_of[content] = key
        return self.key_of[content]

    def add(self, name, attrs, inputs, outputs, gradients):
        """A case whose arrays are all known."""
        assert all(case["name"] != name for case in self.cases), name
        for array in inputs.values():
            assert array.dtype in (np.float32, np.int32, np.float64)
        for array in list(outputs.values()) + list(gradients.values()):
            assert array.dtype in (np.float64, np.int32)

        def keys(prefix, arrays):
            return {arg: self.store(f"{name}/{prefix}{arg}", array) for arg, array in arrays.items()}

        self.cases.append({"name": name, "attrs": attrs, "inputs": keys("", inputs),
                           "outputs": keys("out.", outputs), "gradients": keys("grad.", gradients)})

    def case(self, name, attrs, inputs, function, wrt=None):
        """A case computed by function(tensors by name) -> outputs by name.

        wrt: the inputs to differentiate by, default every float one. Each output that depends on them gets a random
        upstream gradient, stored as the input "d" + its name.
        """
        if wrt is None:
            wrt = [arg for arg, array in inputs.items() if array.dtype == np.float32]
        inputs = dict(inputs)
        outputs, gradients = self.evaluate(inputs, function, wrt, torch.float64)
        outputs32, gradients32 = self.evaluate(inputs, function, wrt, torch.float32)
        for part, exact, rounded in (("out", outputs, outputs32), ("grad", gradients, gradients32)):
            for arg in exact:
                self.compare(f"{name}/{part}.{arg}", exact[arg], rounded[arg])
        self.add(name, attrs, inputs, outputs, gradients)

    def evaluate(self, inputs, function, wrt, dtype):
        tensors = {}
        for arg, array in inputs.items():
            tensor = torch.from_numpy(array.copy())
            tensors[arg] = tensor.long() if array.dtype == np.int32 else tensor.to(dtype).requires_grad_(arg in wrt)
        outputs = function(tensors)
        differentiable = {arg: y for arg, y in outputs.items() if y.requires_grad} if wrt else {}
        for arg, y in differentiable.items():
            if "d" + arg not in inputs:
                inputs["d" + arg] = self.normal(*y.shape)
        if differentiable:
            torch.autograd.backward(list(differentiable.values()),
                                    [torch.from_numpy(inputs["d" + arg]).to(dtype) for arg in differentiable])

        def to_numpy(tensor):
            array = tensor.detach().numpy()
            return array.astype(np.float64 if array.dtype.kind == "f" else np.int32)

        gradients = {arg: torch.zeros_like(tensors[arg]) if tensors[arg].grad is None else tensors[arg].grad
                     for arg in wrt}
        return ({arg: to_numpy(y) for arg, y in outputs.items()},
                {arg: to_numpy(g) for arg, g in gradients.items()})

    def compare(self, what, exact, rounded):
        finite = np.isfinite(exact)
        assert np.array_equal(exact[~finite], rounded[~finite], equal_nan=True), what
        exact, rounded = exact[finite], rounded[finite]
        if exact.size:
            error = np.max(np.abs(exact - rounded)) / max(np.max(np.abs(exact)), 1e-3)
            assert error < 1e-3, f"{what}: float32 differs by {error}"
            self.worst = max(self.worst, (float(error), what))

    def write(self):
        metadata = {"family": self.name, "torch": torch.__version__,
                    "cases": json.dumps(self.cases, separators=(",", ":"))}
        path = os.path.join(DATA, self.name + ".safetensors")
        write_safetensors(path, self.tensors, metadata)
        print(f"{self.name:14} {len(self.cases):4} cases {os.path.getsize(path) / 1024:8.1f} KiB   "
              f"float32 error {self.worst[0]:.1e} in {self.worst[1]}", flush=True)


def activate(y, attrs):
    act, alpha = attrs.get("act", "identity"), attrs.get("act_alpha", 0.0)
    return UNARY[act](y, alpha, 0.0)


# ---- gemm ------------------------------------------------------------------------------------------------------------

def gemm(f):
    def add(name, m, n, k, bias=False, **attrs):
        attrs = {"m": m, "n": n, "k": k, "trans_a": 0, "trans_b": 0, "alpha": 1.0, "beta": 0.0, **attrs}
        inputs = {"a": f.normal(*((k, m) if attrs["trans_a"] else (m, k))),
                  "b": f.normal(*((n, k) if attrs["trans_b"] else (k, n)))}
        if attrs["beta"] != 0:
            inputs["c"] = f.normal(m, n)
        if bias:
            inputs["bias"] = f.normal(n)

        def function(t):
            a = t["a"].t() if attrs["trans_a"] else t["a"]
            b = t["b"].t() if attrs["trans_b"] else t["b"]
            y = attrs["alpha"] * (a @ b)
            if "c" in t:
                y = y + attrs["beta"] * t["c"]
            if bias:
                y = y + t["bias"]
            return {"y": activate(y, attrs)}

        f.case(name, attrs, inputs, function)

    for m, n, k in ((1, 1, 1), (1, 7, 3), (5, 1, 9), (2, 3, 1), (8, 16, 16), (17, 33, 9), (6, 47, 31), (33, 10, 34)):
        for trans_a, trans_b in itertools.product((0, 1), (0, 1)):
            add(f"m{m}_n{n}_k{k}_ta{trans_a}_tb{trans_b}", m, n, k, trans_a=trans_a, trans_b=trans_b)
    add("k0", 3, 5, 0)
    add("k0_bias", 3, 5, 0, bias=True)
    add("k0_beta", 3, 5, 0, beta=0.5)
    add("long_k", 2, 3, 1500)
    add("alpha_beta", 13, 18, 11, alpha=-0.75, beta=0.5)
    add("beta_one", 7, 31, 20, beta=1.0, trans_a=1)
    add("alpha_beta_bias", 9, 20, 12, alpha=2.0, beta=-1.5, trans_b=1, bias=True)
    for act, act_alpha in EPILOGUES:
        add("bias_" + act, 11, 35, 14, bias=True, trans_b=1, act=act, act_alpha=act_alpha)
    add("no_bias_relu", 4, 19, 6, act="relu", act_alpha=0.0)


# ---- conv2d ----------------------------------------------------------------------------------------------------------

def conv2d(f):
    def add(name, n, c, h, w, oc, kernel, stride=1, pad=0, dilation=1, groups=1, bias=True, **more):
        (kh, kw), (sh, sw), (ph, pw), (dh, dw) = (pair(v) for v in (kernel, stride, pad, dilation))
        attrs = {"kh": kh, "kw": kw, "stride_h": sh, "stride_w": sw, "pad_h": ph, "pad_w": pw,
                 "dilation_h": dh, "dilation_w": dw, "groups": groups, **more}
        inputs = {"x": f.normal(n, c, h, w), "weight": f.normal(oc, c // groups, kh, kw)}
        if bias:
            inputs["bias"] = f.normal(oc)
        f.case(name, attrs, inputs, lambda t: {"y": activate(
            F.conv2d(t["x"], t["weight"], t.get("bias"), (sh, sw), (ph, pw), (dh, dw), groups), attrs)})

    # Every stride, padding, dilation and kind of grouping.
    grid = itertools.product((1, 2, 3), (0, 1, 2), (1, 2), ((1, 4, 6), (2, 4, 6), (4, 4, 4)))
    for i, (stride, pad, dilation, (groups, c, oc)) in enumerate(grid):
        add(f"s{stride}_p{pad}_d{dilation}_g{groups}", 1 + i % 2, c, 8, 7, oc, 3, stride, pad, dilation, groups,
            bias=i % 3 != 0)
    # Every number of channels, on an image of odd size.
    for c, oc in itertools.product((1, 3, 5, 16, 32), (1, 6, 10, 32, 40)):
        add(f"c{c}_oc{oc}", 1, c, 5, 7, oc, 3, pad=1, bias=(c + oc) % 2 == 1)
    # Kernels; the last have more padding than they need, or less room than they would like.
    for kh, kw in ((1, 1), (1, 3), (3, 1), (2, 2), (3, 5), (5, 3), (4, 2), (5, 5), (7, 7)):
        add(f"kernel_{kh}x{kw}", 1, 3, 11, 10, 7, (kh, kw), pad=(kh // 2, kw // 2))
    add("kernel_1x1_pad1", 2, 3, 5, 6, 4, 1, pad=1)
    add("kernel_1x1_stride2", 2, 16, 7, 8, 10, 1, stride=2, bias=False)
    add("kernel_1x1_c32_oc40", 2, 32, 6, 5, 40, 1)
    add("kernel_11x11_stride4", 1, 3, 23, 19, 4, 11, stride=4, pad=2)
    add("kernel_is_image", 3, 5, 4, 6, 7, (4, 6))
    add("kernel_exceeds_image", 2, 3, 2, 3, 4, 5, pad=2)
    add("image_1x1", 2, 5, 1, 1, 6, 3, pad=1)
    add("image_1xw", 1, 3, 1, 37, 6, (1, 5), pad=(0, 2))
    # Everything different in the two directions.
    add("stride_1x2", 2, 3, 9, 10, 6, 3, stride=(1, 2), pad=1)
    add("stride_3x1", 2, 3, 10, 7, 6, 3, stride=(3, 1), pad=(0, 1))
    add("pad_0x2", 2, 3, 7, 6, 6, 3, pad=(0, 2))
    add("dilation_1x2", 1, 4, 8, 9, 6, (3, 3), dilation=(1, 2), pad=(1, 2))
    add("dilation_3x2", 1, 2, 12, 11, 3, (3, 4), dilation=(3, 2), pad=(2, 1), stride=(2, 3))
    add("stride_exceeds_kernel", 2, 3, 11, 13, 5, 2, stride=3)
    add("all_different", 3, 6, 13, 10, 9, (3, 2), stride=(2, 3), pad=(2, 1), dilation=(2, 1), groups=3)
    # Depthwise, with a multiplier, and larger images and batches.
    add("depthwise_16", 2, 16, 9, 9, 16, 3, pad=1, groups=16, bias=False)
    add("depthwise_33_5x5", 1, 33, 8, 7, 33, 5, pad=2, groups=33)
    add("depthwise_stride2", 2, 20, 8, 9, 20, 3, stride=2, pad=1, groups=20)
    add("depthwise_multiplier2", 1, 8, 7, 7, 16, 3, pad=1, groups=8)
    add("depthwise_multiplier3", 2, 3, 6, 7, 9, (3, 1), pad=(1, 0), groups=3)
    add("groups_4_c32_oc40", 1, 32, 6, 6, 40, 3, pad=1, groups=4)
    add("image_17x23", 1, 3, 17, 23, 10, 3, pad=1)
    add("image_5x67", 1, 5, 5, 67, 6, 3, pad=1)
    add("image_28x28", 1, 1, 28, 28, 6, 5, pad=2)
    add("batch_9", 9, 3, 6, 5, 8, 3, stride=2, pad=1)
    add("c33_oc17", 1, 33, 5, 4, 17, 3, pad=1, bias=False)
    for act, act_alpha in EPILOGUES:
        add("bias_" + act, 2, 3, 7, 8, 10, 3, pad=1, act=act, act_alpha=act_alpha)
    add("no_bias_relu", 1, 5, 6, 7, 6, 3, bias=False, act="relu", act_alpha=0.0)


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


# ---- pooling ---------------------------------------------------------------------------------------------------------

def pool2d(f):
    images = {}

    def image(shape):
        """The same one for all cases of that shape, to keep the file small."""
        if shape not in images:
            images[shape] = f.normal(*shape)
        return images[shape]

    def add(name, kind, shape, kernel, stride=None, pad=0, dilation=1, ceil=False, include=True, x=None):
        stride = kernel if stride is None else stride
        (kh, kw), (sh, sw), (ph, pw), (dh, dw) = (pair(v) for v in (kernel, stride, pad, dilation))
        attrs = {"kind": kind, "kh": kh, "kw": kw, "stride_h": sh, "stride_w": sw, "pad_h": ph, "pad_w": pw,
                 "dilation_h": dh, "dilation_w": dw, "ceil_mode": int(ceil)}
        if kind == "avg":
            attrs["count_include_pad"] = int(include)

        def function(t):
            if kind == "avg":
                return {"y": F.avg_pool2d(t["x"], (kh, kw), (sh, sw), (ph, pw), ceil, include)}
            y, index = F.max_pool2d(t["x"], (kh, kw), (sh, sw), (ph, pw), (dh, dw), ceil, return_indices=True)
            return {"y": y, "index": index}

        f.case(name, attrs, {"x": image(shape) if x is None else x}, function)

    shapes = ((2, 3, 8, 8), (1, 5, 7, 9), (1, 17, 5, 6))
    for kind, shape in itertools.product(("max", "avg"), shapes):
        size = f"{shape[1]}x{shape[2]}x{shape[3]}"
        for ceil in (False, True):
            tail = f"_{size}" + ("_ceil" if ceil else "")
            add(f"{kind}_2{tail}", kind, shape, 2, ceil=ceil)
            add(f"{kind}_3{tail}", kind, shape, 3, ceil=ceil)
            add(f"{kind}_3_s2{tail}", kind, shape, 3, 2, ceil=ceil)
            add(f"{kind}_3_s2_p1{tail}", kind, shape, 3, 2, 1, ceil=ceil)
            add(f"{kind}_3_s1_p1{tail}", kind, shape, 3, 1, 1, ceil=ceil)
            add(f"{kind}_2_s3_p1{tail}", kind, shape, 2, 3, 1, ceil=ceil)
            add(f"{kind}_2x3_s1x2_p1x0{tail}", kind, shape, (2, 3), (1, 2), (1, 0), ceil=ceil)
            add(f"{kind}_3x2_s3x1_p0x1{tail}", kind, shape, (3, 2), (3, 1), (0, 1), ceil=ceil)
            add(f"{kind}_4_s2_p2{tail}", kind, shape, 4, 2, 2, ceil=ceil)
            if kind == "avg":
                add(f"avg_3_s2_p1_exclude{tail}", kind, shape, 3, 2, 1, ceil=ceil, include=False)
                add(f"avg_2x3_s1x2_p1x0_exclude{tail}", kind, shape, (2, 3), (1, 2), (1, 0), ceil=ceil, include=False)
                add(f"avg_4_s3_p2_exclude{tail}", kind, shape, 4, 3, 2, ceil=ceil, include=False)
                add(f"avg_4_s3_p2{tail}", kind, shape, 4, 3, 2, ceil=ceil)
            else:
                add(f"max_2_d2{tail}", kind, shape, 2, 1, 0, 2, ceil=ceil)
                add(f"max_3_s2_p1_d2{tail}", kind, shape, 3, 2, 1, 2, ceil=ceil)
                add(f"max_3x2_s2x1_p1_d1x3{tail}", kind, shape, (3, 2), (2, 1), 1, (1, 3), ceil=ceil)
    for kind in ("max", "avg"):
        add(f"{kind}_global", kind, (2, 33, 5, 7), (5, 7))
        add(f"{kind}_1", kind, (1, 4, 3, 5), 1)
        add(f"{kind}_1_s2", kind, (1, 4, 5, 6), 1, 2)
        add(f"{kind}_7_s5_p3", kind, (1, 3, 13, 11), 7, 5, 3)
    # Few distinct values: the first of equals gets the gradient.
    ties = f.integers(-1, 2, 2, 3, 8, 7).astype(np.float32)
    add("max_3_s2_p1_ties", "max", None, 3, 2, 1, x=ties)
    add("max_2_negative", "max", None, 2, 2, 1, x=-f.uniform(1, 3, 6, 6, low=1.0, high=2.0))


# ---- unary -----------------------------------------------------------------------------------------------------------

def sign(x):
    return torch.where(torch.isnan(x), x, torch.sign(x))


UNARY = {
    "identity": lambda x, alpha, beta: x * 1.0,
    "relu": lambda x, alpha, beta: torch.relu(x),
    "sigmoid": lambda x, alpha, beta: torch.sigmoid(x),
    "tanh": lambda x, alpha, beta: torch.tanh(x),
    "leaky_relu": lambda x, alpha, beta: F.leaky_relu(x, alpha),
    "elu": lambda x, alpha, beta: F.elu(x, alpha),
    "gelu": lambda x, alpha, beta: F.gelu(x),
    "gelu_tanh": lambda x, alpha, beta: F.gelu(x, approximate="tanh"),
    "exp": lambda x, alpha, beta: torch.exp(x),
    "log": lambda x, alpha, beta: torch.log(x),
    "sqrt": lambda x, alpha, beta: torch.sqrt(x),
    "square": lambda x, alpha, beta: torch.square(x),
    "abs": lambda x, alpha, beta: torch.abs(x),
    "affine": lambda x, alpha, beta: alpha * x + beta,
    "reciprocal": lambda x, alpha, beta: torch.reciprocal(x),
    "sign": lambda x, alpha, beta: sign(x),
}
EPILOGUES = (("relu", 0.0), ("sigmoid", 0.0), ("tanh", 0.0), ("leaky_relu", 0.125), ("elu", 0.75))


def unary(f):
    def add(name, kind, x, alpha=0.0, beta=0.0, wrt=None):
        f.case(name, {"kind": kind, "alpha": alpha, "beta": beta}, {"x": x},
               lambda t: {"y": UNARY[kind](t["x"], alpha, beta)}, wrt)

    parameters = {"leaky_relu": ((0.01, 0.0), (0.25, 0.0)), "elu": ((1.0, 0.0), (0.5, 0.0)),
                  "affine": ((-1.5, 0.75), (3.0, 0.0))}
    nan, inf = math.nan, math.inf
    special = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 1e-30, -1e-30, 1e-6, -1e-6, 20.0, -20.0, 80.0, -80.0]
    for kind in UNARY:
        positive = kind in ("log", "sqrt")
        for alpha, beta in parameters.get(kind, ((0.0, 0.0),)):
            tail = f"_{alpha:g}_{beta:g}" if kind in parameters else ""
            for count in (1, 7, 16, 133):
                x = f.uniform(count, low=0.05, high=6.0) if positive else f.normal(count, scale=2.0)
                if kind == "reciprocal":
                    x = np.where(np.abs(x) < 0.1, np.float32(0.5), x)
                add(f"{kind}{tail}_{count}", kind, x, alpha, beta)
            x = f.uniform(2, 3, 4, 5, low=0.5, high=2.0)
            add(f"{kind}{tail}_2x3x4x5", kind, x, alpha, beta)
            if kind not in ("gelu", "gelu_tanh"):
                add(f"{kind}{tail}_special", kind, np.array(special, np.float32), alpha, beta, wrt=())
        wide = np.linspace(-30, 30, 121, dtype=np.float32)
        if kind in ("sigmoid", "tanh", "elu", "gelu", "gelu_tanh", "exp"):
            add(f"{kind}_wide", kind, wide, alpha, beta)
        if kind in ("relu", "leaky_relu", "elu", "abs", "sign"):
            add(f"{kind}_at_zero", kind, np.array([-1, -0.0, 0, 1, 0, 2, -3], np.float32), alpha, beta)


# ---- softmax and losses ----------------------------------------------------------------------------------------------

def softmax(f):
    for log, (rows, cols) in itertools.product((0, 1), ((1, 1), (3, 2), (4, 3), (5, 10), (3, 17), (2, 100), (1, 1000))):
        function = F.log_softmax if log else F.softmax
        scales = (("", 1.0, 0.0), ("_large", 20.0, 500.0)) if cols in (3, 10, 100) else (("", 1.0, 0.0),)
        for tail, scale, mean in scales:
            f.case(f"{'log_' if log else ''}softmax_{rows}x{cols}{tail}", {"log": log},
                   {"x": f.normal(rows, cols, scale=scale, mean=mean)}, lambda t: {"y": function(t["x"], -1)})


def cross_entropy_by_hand(t, attrs):
    """The formula of native/include/sinew.h, to see that it is PyTorch's."""
    logp, labels, classes = F.log_softmax(t["logits"], 1), t["labels"], t["logits"].shape[1]
    weights = t["weights"] if "weights" in t else torch.ones(classes, dtype=logp.dtype)
    used, e = labels != attrs["ignore_index"], attrs["smoothing"]
    at = torch.where(used, labels, torch.zeros_like(labels))
    loss = -(1 - e) * weights[at] * logp.gather(1, at[:, None])[:, 0] - e / classes * (logp * weights).sum(1)
    loss = torch.where(used, loss, torch.zeros_like(loss))
    if attrs["reduction"] == "mean":
        return loss.sum() / torch.where(used, weights[at], torch.zeros_like(loss)).sum()
    return loss.sum() if attrs["reduction"] == "sum" else loss


def cross_entropy(f):
    def add(name, rows, classes, reduction="mean", smoothing=0.0, weights=False, ignore=None, scale=1.0, labels=None):
        attrs = {"reduction": reduction, "smoothing": smoothing, "ignore_index": -100 if ignore is None else ignore}
        labels = f.integers(0, classes, rows) if labels is None else labels
        if ignore is not None and ignore not in labels:
            labels[::3] = ignore
        inputs = {"logits": f.normal(rows, classes, scale=scale), "labels": labels}
        if weights:
            inputs["weights"] = f.uniform(classes, low=0.2, high=2.0)

        def function(t):
            loss = F.cross_entropy(t["logits"], t["labels"], t.get("weights"), reduction=reduction,
                                   ignore_index=attrs["ignore_index"], label_smoothing=smoothing)
            torch.testing.assert_close(cross_entropy_by_hand(t, attrs), loss, equal_nan=True)
            return {"loss": loss, "probs": F.softmax(t["logits"], 1).detach()}

        f.case(name, attrs, inputs, function, wrt=("logits",))

    grid = itertools.product(REDUCTIONS, (0.0, 0.1), (False, True), (None, -100, 2))
    for reduction, smoothing, weights, ignore in grid:
        name = reduction + ("_smooth" if smoothing else "") + ("_weights" if weights else "")
        add(name + ("" if ignore is None else f"_ignore{ignore}"), 7, 10, reduction, smoothing, weights, ignore)
    for rows, classes in ((1, 2), (5, 3), (3, 17), (2, 100), (64, 10), (2, 1000)):
        add(f"mean_{rows}x{classes}", rows, classes)
    add("mean_one_class", 4, 1)
    add("mean_large", 6, 10, scale=200.0)
    add("mean_smooth_large", 6, 10, smoothing=0.2, scale=200.0)
    add("mean_smooth_all", 5, 4, smoothing=1.0)
    add("none_all_ignored", 3, 4, "none", ignore=-100, labels=np.full(3, -100, np.int32))
    add("sum_all_ignored", 3, 4, "sum", ignore=-100, labels=np.full(3, -100, np.int32))
    add("mean_all_ignored", 3, 4, "mean", ignore=-100, labels=np.full(3, -100, np.int32))


def mse(f):
    for reduction, shape in itertools.product(REDUCTIONS, ((1,), (7,), (5, 33), (2, 3, 4, 5))):
        f.case(f"{reduction}_{'x'.join(map(str, shape))}", {"reduction": reduction},
               {"x": f.normal(*shape), "target": f.normal(*shape)},
               lambda t: {"loss": F.mse_loss(t["x"], t["target"], reduction=reduction)})


def bce(f):
    def add(name, rows, cols, reduction, weight=False, pos_weight=False, scale=2.0, hard=False):
        target = f.uniform(rows, cols)
        inputs = {"x": f.normal(rows, cols, scale=scale), "target": np.round(target) if hard else target}
        if weight:
            inputs["weight"] = f.uniform(rows, cols, low=0.1, high=2.0)
        if pos_weight:
            inputs["pos_weight"] = f.uniform(cols, low=0.2, high=4.0)
        f.case(name, {"reduction": reduction}, inputs, lambda t: {"loss": F.binary_cross_entropy_with_logits(
            t["x"], t["target"], t.get("weight"), reduction=reduction, pos_weight=t.get("pos_weight"))},
            wrt=("x", "target"))

    for reduction, weight, pos_weight in itertools.product(REDUCTIONS, (False, True), (False, True)):
        name = reduction + ("_weight" if weight else "") + ("_pos" if pos_weight else "")
        add(name, 5, 7, reduction, weight, pos_weight)
        add(name + "_hard", 3, 18, reduction, weight, pos_weight, hard=True)
    add("mean_one_column", 9, 1, "mean", hard=True)
    add("none_large", 4, 9, "none", scale=60.0)
    add("none_pos_large", 4, 9, "none", pos_weight=True, scale=60.0)


def hinge(f):
    def add(name, rows, classes, reduction, p=1, margin=1.0, weights=False, mean=1):
        attrs = {"reduction": reduction, "p": p, "margin": margin, "mean_over_classes": mean}
        inputs = {"x": f.normal(rows, classes), "labels": f.integers(0, classes, rows)}
        if weights:
            inputs["weights"] = f.uniform(classes, low=0.2, high=2.0)

        def function(t):
            x, labels = t["x"], t["labels"]
            if mean:
                return {"loss": F.multi_margin_loss(x, labels, p, margin, t.get("weights"), reduction=reduction)}
            violation = torch.clamp(margin + x - x.gather(1, labels[:, None]), min=0) ** p
            violation = violation * (torch.arange(classes)[None, :] != labels[:, None])
            loss = violation.sum(1) * (t["weights"][labels] if weights else 1.0)
            return {"loss": loss if reduction == "none" else loss.mean() if reduction == "mean" else loss.sum()}

        f.case(name, attrs, inputs, function, wrt=("x",))

    for reduction, p, weights, mean in itertools.product(REDUCTIONS, (1, 2), (False, True), (0, 1)):
        add(f"{reduction}_p{p}{'_weights' if weights else ''}{'' if mean else '_plain'}", 6, 10, reduction, p,
            1.0, weights, mean)
    for margin, p, mean in itertools.product((0.25, 3.0), (1, 2), (0, 1)):
        add(f"mean_p{p}_margin{margin:g}{'' if mean else '_plain'}", 9, 17, "mean", p, margin, False, mean)
    for classes, mean in itertools.product((1, 2, 100), (0, 1)):
        add(f"mean_classes{classes}{'' if mean else '_plain'}", 4, classes, "mean", mean=mean)


# ---- batch normalisation ---------------------------------------------------------------------------------------------

def batchnorm(f):
    def add(name, shape, mode="train", eps=1e-5, momentum=0.1, affine=True, running=True, act="identity",
            mean=0.0, scale=1.0):
        c = shape[1]
        attrs = {"mode": mode, "eps": eps, "momentum": momentum, "act": act}
        inputs = {"x": f.normal(*shape, mean=mean, scale=scale)}
        if affine:
            inputs["gamma"], inputs["beta"] = f.uniform(c, low=0.5, high=1.5), f.normal(c)
        if running:
            inputs["running_mean"], inputs["running_var"] = f.normal(c), f.uniform(c, low=0.5, high=2.0)

        def function(t):
            x, train = t["x"], mode == "train"
            running_mean = t["running_mean"].clone() if running else None
            running_var = t["running_var"].clone() if running else None
            y = F.batch_norm(x, running_mean, running_var, t.get("gamma"), t.get("beta"), train, momentum, eps)
            outputs = {"y": activate(y, attrs)}
            if train:
                over = [d for d in range(x.dim()) if d != 1]
                outputs["save_mean"] = x.detach().mean(over)
                outputs["save_invstd"] = 1 / torch.sqrt(x.detach().var(over, unbiased=False) + eps)
                if running:
                    outputs["running_mean"], outputs["running_var"] = running_mean, running_var
            return outputs

        f.case(name, attrs, inputs, function, wrt=("x", "gamma", "beta") if affine else ("x",))

    shapes = ((2, 1), (5, 3), (9, 33), (17, 16), (1, 3, 5, 7), (2, 16, 4, 5), (3, 1, 3, 3), (2, 21, 3, 4),
              (4, 32, 2, 2))
    for shape in shapes:
        size = "x".join(map(str, shape))
        for act in ("identity", "relu"):
            add(f"train_{size}" + ("" if act == "identity" else "_relu"), shape, act=act)
            add(f"infer_{size}" + ("" if act == "identity" else "_relu"), shape, "infer", act=act)
    add("train_no_affine", (2, 5, 4, 4), affine=False)
    add("train_no_affine_relu", (2, 5, 4, 4), affine=False, act="relu")
    add("infer_no_affine", (2, 5, 4, 4), "infer", affine=False)
    add("train_no_running", (6, 7), running=False)
    add("train_momentum_0.3_eps_1e-3", (2, 6, 3, 5), momentum=0.3, eps=1e-3)
    add("train_momentum_1", (2, 6, 3, 5), momentum=1.0)
    add("train_momentum_0", (2, 6, 3, 5), momentum=0.0)
    add("infer_eps_1e-3", (2, 6, 3, 5), "infer", eps=1e-3)
    add("train_offset", (4, 5, 4, 4), mean=30.0, scale=0.5)
    add("train_small_variance", (4, 5, 4, 4), scale=1e-3)
    add("train_long", (2, 2, 24, 24))


# ---- binary and reduce -----------------------------------------------------------------------------------------------

BINARY = {
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div,
    "maximum": torch.maximum, "minimum": torch.minimum, "pow": torch.pow,
    "equal": lambda a, b: torch.eq(a, b).to(a.dtype), "greater": lambda a, b: torch.gt(a, b).to(a.dtype),
}


def binary(f):
    def add(name, kind, a, b, wrt=None):
        f.case(name, {"kind": kind}, {"a": a, "b": b}, lambda t: {"y": BINARY[kind](t["a"], t["b"])},
               () if kind in ("equal", "greater") else wrt)

    shapes = (((), ()), ((7,), (7,)), ((37,), ()), ((), (5,)), ((3, 5), (5,)), ((3, 5), (3, 1)), ((4, 1), (1, 6)),
              ((2, 3, 4, 5), (3, 1, 1)), ((2, 3, 4, 5), (2, 1, 4, 1)), ((1, 3, 1, 5), (2, 1, 4, 1)),
              ((2, 1), (3, 1, 17)))
    for kind, (shape_a, shape_b) in itertools.product(BINARY, shapes):
        a, b = f.normal(*shape_a), f.normal(*shape_b)
        if kind == "div":
            b = np.asarray(np.where(np.abs(b) < 0.2, np.float32(0.7), b), np.float32)
        if kind == "pow":
            a = f.uniform(*shape_a, low=0.1, high=3.0)
        if kind in ("equal", "greater"):
            a, b = np.asarray(np.round(2 * a), np.float32), np.asarray(np.round(2 * b), np.float32)
        add(f"{kind}_{'x'.join(map(str, shape_a)) or 'scalar'}_{'x'.join(map(str, shape_b)) or 'scalar'}", kind, a, b)
    special = np.array([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -3.0], np.float32)
    for kind in BINARY:
        add(f"{kind}_special", kind, special[:, None].copy(), special.copy(), wrt=())


def reduce(f):
    def add(name, kind, dims, keepdim, x, wrt=None):
        rank = x.ndim
        dims = list(dims)

        def function(t):
            x = t["x"]
            if kind in ("sum", "mean"):
                return {"y": getattr(torch, kind)(x, dims, keepdim)}
            if kind == "max":
                return {"y": torch.amax(x, dims, keepdim)}
            kept = [d for d in range(rank) if d not in dims]
            flat = x.permute(kept + dims).reshape([x.shape[d] for d in kept] + [-1])
            index = np.argmax(flat.detach().numpy(), -1)  # the first of equals; NaN wins
            shape = [1 if d in dims else x.shape[d] for d in range(rank)] if keepdim else [x.shape[d] for d in kept]
            return {"y": torch.from_numpy(np.asarray(index)).reshape(shape)}

        f.case(name, {"kind": kind, "dims": dims, "keepdim": int(keepdim)}, {"x": x}, function,
               () if kind == "argmax" else wrt)

    choices = (((9,), (0,)), ((1,), (0,)), ((5, 37), (0,)), ((5, 37), (1,)), ((5, 37), (0, 1)), ((2, 3, 4), (0,)),
               ((2, 3, 4), (1,)), ((2, 3, 4), (0, 2)), ((2, 3, 4, 5), (2, 3)), ((2, 3, 4, 5), (0, 2, 3)),
               ((2, 3, 4, 5), (1, 3)), ((2, 3, 4, 5), (1,)), ((2, 3, 4, 5), (0, 1, 2, 3)), ((1, 33, 1, 6), (0, 2)),
               ((2, 1, 3, 2, 2, 3), (1, 3, 5)))
    for kind, (shape, dims) in itertools.product(("sum", "mean", "max", "argmax"), choices):
        name = f"{kind}_{'x'.join(map(str, shape))}_over{''.join(map(str, dims))}"
        for keepdim in (False, True):
            add(name + ("_keep" if keepdim else ""), kind, dims, keepdim, f.normal(*shape))
    ties = f.integers(0, 3, 6, 19).astype(np.float32)
    nan = f.normal(4, 9)
    nan[1, 3] = nan[1, 5] = nan[3, 0] = math.nan
    for dims in ((0,), (1,), (0, 1)):
        over = "".join(map(str, dims))
        add(f"argmax_ties_over{over}", "argmax", dims, False, ties)
        add(f"max_nan_over{over}", "max", dims, False, nan, wrt=())
        add(f"argmax_nan_over{over}", "argmax", dims, False, nan)
        add(f"sum_nan_over{over}", "sum", dims, False, nan, wrt=())
    add("max_negative", "max", (1,), False, -f.uniform(3, 21, low=1.0, high=2.0))
    long = f.normal(10007, mean=100.0)
    add("sum_long", "sum", (0,), False, long, wrt=())
    add("mean_long", "mean", (0,), False, long, wrt=())
    add("max_long", "max", (0,), False, long, wrt=())


# ---- moving data -----------------------------------------------------------------------------------------------------

def permute(f):
    def add(name, shape, order):
        f.case(name, {"order": order}, {"x": f.normal(*shape)}, lambda t: {"y": t["x"].permute(order).contiguous()})

    add("1d", (5,), [0])
    add("transpose_1x7", (1, 7), [1, 0])
    add("transpose_5x33", (5, 33), [1, 0])
    add("transpose_17x16", (17, 16), [1, 0])
    for order in itertools.permutations(range(3)):
        add("3d_" + "".join(map(str, order)), (2, 3, 5), list(order))
    add("nchw_to_nhwc", (2, 3, 4, 5), [0, 2, 3, 1])
    add("nhwc_to_nchw", (2, 4, 5, 3), [0, 3, 1, 2])
    add("nchw_to_nhwc_c17", (1, 17, 3, 4), [0, 2, 3, 1])
    add("6d", (2, 1, 3, 2, 2, 3), [5, 0, 3, 1, 4, 2])
    f.case("i32", {"order": [1, 0]}, {"x": f.integers(-9, 9, 3, 5)}, lambda t: {"y": t["x"].t().contiguous()})
    for name, shape, to in (("expand_scalar", (), [4]), ("expand_row", (5,), [3, 5]), ("expand_column", (3, 1), [3, 5]),
                            ("expand_4d", (3, 1, 1), [2, 3, 4, 5])):
        f.case(name, {"expand": to}, {"x": f.normal(*shape)}, lambda t: {"y": t["x"].expand(to).contiguous()})


def concat(f):
    def add(name, axis, *shapes):
        f.case(name, {"axis": axis, "count": len(shapes)}, {f"x{i}": f.normal(*s) for i, s in enumerate(shapes)},
               lambda t: {"y": torch.cat([t[f"x{i}"] for i in range(len(shapes))], axis)})

    add("one", 0, (3, 4))
    add("1d", 0, (3,), (1,), (7,))
    add("rows", 0, (2, 5), (4, 5))
    add("columns", 1, (3, 2), (3, 17), (3, 1))
    add("empty_part", 1, (3, 2), (3, 0), (3, 4))
    add("channels", 1, (2, 3, 4, 5), (2, 1, 4, 5), (2, 16, 4, 5))
    add("height", 2, (2, 3, 1, 5), (2, 3, 4, 5))
    add("width", 3, (2, 3, 4, 5), (2, 3, 4, 2))


def slice_(f):
    def add(name, shape, axis, start, stop, step):
        size = shape[axis]
        attrs = {"axis": axis, "start": start, "stop": stop, "step": step, "length": len(range(start, stop, step))}
        index = tuple(slice(None) for _ in range(axis)) + (slice(start, stop, step),)
        assert 0 <= start < stop <= size
        f.case(name, attrs, {"x": f.normal(*shape)}, lambda t: {"y": t["x"][index].contiguous()})

    for step in (1, 2, 3, 7):
        add(f"1d_step{step}", (20,), 0, 1, 19, step)
        add(f"rows_step{step}", (11, 5), 0, 2, 11, step)
        add(f"columns_step{step}", (3, 19), 1, 0, 18, step)
        add(f"channels_step{step}", (2, 9, 3, 4), 1, 1, 9, step)
        add(f"height_step{step}", (2, 3, 9, 4), 2, 0, 9, step)
        add(f"width_step{step}", (1, 3, 2, 17), 3, 3, 16, step)
    add("all", (3, 4), 1, 0, 4, 1)
    add("one", (3, 4), 1, 2, 3, 1)


def pad(f):
    def add(name, shape, before, after, value=0.0):
        torch_order = [v for pair_ in reversed(list(zip(before, after))) for v in pair_]
        f.case(name, {"before": before, "after": after, "value": value}, {"x": f.normal(*shape)},
               lambda t: {"y": F.pad(t["x"], torch_order, value=value)})

    add("none", (2, 3), [0, 0], [0, 0])
    add("1d", (5,), [2], [3], 1.5)
    add("2d", (3, 4), [1, 2], [0, 3])
    add("image", (2, 3, 4, 5), [0, 0, 1, 2], [0, 0, 3, 1])
    add("image_value", (2, 3, 4, 5), [0, 0, 1, 1], [0, 0, 1, 1], -2.25)
    add("channels", (2, 3, 4, 5), [0, 2, 0, 0], [0, 1, 0, 0])
    add("everywhere", (2, 3, 2, 3), [1, 0, 2, 1], [0, 1, 1, 2], 0.5)
    add("crop", (4, 7), [-1, -2], [-1, 0])
    add("crop_and_pad", (2, 3, 6, 5), [0, 0, -2, 1], [0, 0, 3, -2], 3.0)


# ---- optimisers ------------------------------------------------------------------------------------------------------

STEPS = 100
STORED_STEPS = (1, 2, 10, 100)


def optimiser(f, make, cases):
    """One parameter of 37 elements and STEPS gradients. The optimiser sees gradients that do not depend on it."""
    param, grads = f.normal(37), f.normal(STEPS, 37, mean=0.3)
    schedule = np.array([0.1 * 0.5 * (1 + math.cos(math.pi * i / STEPS)) for i in range(STEPS)])
    for name, attrs in cases:
        attrs, scheduled = dict(attrs), attrs["lr"] is None
        inputs = {"param": param, "grads": grads}
        if scheduled:
            inputs["lr"] = schedule
            del attrs["lr"]
        results = {}
        for dtype in (torch.float64, torch.float32):
            p = torch.from_numpy(param.copy()).to(dtype).requires_grad_()
            optimizer = make([p], {"lr": 0.1, **attrs})
            for step in range(1, STEPS + 1):
                if scheduled:
                    optimizer.param_groups[0]["lr"] = float(schedule[step - 1])
                p.grad = torch.from_numpy(grads[step - 1]).to(dtype)
                optimizer.step()
                if step in STORED_STEPS:
                    results[dtype, step] = p.detach().numpy().astype(np.float64)
        for step in STORED_STEPS:
            f.compare(f"{name}/{step}", results[torch.float64, step], results[torch.float32, step])
        f.add(name, {**attrs, "steps": STEPS}, inputs,
              {f"param@{step}": results[torch.float64, step] for step in STORED_STEPS}, {})


def sgd(f):
    base = {"lr": 0.05, "momentum": 0.0, "dampening": 0.0, "nesterov": 0, "weight_decay": 0.0}
    optimiser(f, lambda p, a: torch.optim.SGD(p, a["lr"], a["momentum"], a["dampening"], a["weight_decay"],
                                              bool(a["nesterov"])), [
        ("plain", base),
        ("plain_decay", {**base, "weight_decay": 0.01}),
        ("plain_schedule", {**base, "lr": None}),
        ("momentum", {**base, "momentum": 0.9}),
        ("momentum_decay", {**base, "momentum": 0.9, "weight_decay": 5e-4}),
        ("dampening", {**base, "momentum": 0.8, "dampening": 0.25}),
        ("dampening_decay", {**base, "momentum": 0.8, "dampening": 0.25, "weight_decay": 0.01}),
        ("nesterov", {**base, "momentum": 0.9, "nesterov": 1}),
        ("nesterov_decay", {**base, "momentum": 0.95, "nesterov": 1, "weight_decay": 0.01}),
        ("nesterov_schedule", {**base, "lr": None, "momentum": 0.9, "nesterov": 1, "weight_decay": 0.01}),
    ])


def adam_cases(decay):
    base = {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": decay}
    return [
        ("default", base),
        ("no_decay", {**base, "weight_decay": 0.0}),
        ("large_lr", {**base, "lr": 0.1}),
        ("decay", {**base, "lr": 0.02, "weight_decay": 0.1}),
        ("betas", {**base, "lr": 0.01, "beta1": 0.5, "beta2": 0.9}),
        ("beta1_zero", {**base, "lr": 0.01, "beta1": 0.0}),
        ("large_eps", {**base, "lr": 0.01, "eps": 0.1}),
        ("schedule", {**base, "lr": None, "weight_decay": 0.05}),
    ]


def adam(f):
    cases = [case for case in adam_cases(0.0) if case[0] != "no_decay"]
    optimiser(f, lambda p, a: torch.optim.Adam(p, a["lr"], (a["beta1"], a["beta2"]), a["eps"], a["weight_decay"]),
              cases)


def adamw(f):
    optimiser(f, lambda p, a: torch.optim.AdamW(p, a["lr"], (a["beta1"], a["beta2"]), a["eps"], a["weight_decay"]),
              adam_cases(0.01))


# ---- whole networks --------------------------------------------------------------------------------------------------

def network(f):
    """A few steps of training on one batch. The layers are listed in the attributes, with the names of parameters."""
    def dense(name, inputs, outputs, act="identity"):
        bound = 1 / math.sqrt(inputs)
        return {"op": "dense", "name": name, "act": act}, {
            name + ".weight": f.uniform(outputs, inputs, low=-bound, high=bound),
            name + ".bias": f.uniform(outputs, low=-bound, high=bound)}

    def conv(name, inputs, outputs, kernel, pad=0, groups=1, act="identity"):
        bound = 1 / math.sqrt(inputs // groups * kernel * kernel)
        return {"op": "conv2d", "name": name, "kernel": kernel, "pad": pad, "groups": groups, "act": act}, {
            name + ".weight": f.uniform(outputs, inputs // groups, kernel, kernel, low=-bound, high=bound),
            name + ".bias": f.uniform(outputs, low=-bound, high=bound)}

    def norm(name, channels, act="identity"):
        return {"op": "batchnorm", "name": name, "eps": 1e-5, "momentum": 0.1, "act": act}, {
            name + ".weight": np.ones(channels, np.float32), name + ".bias": np.zeros(channels, np.float32),
            name + ".running_mean": np.zeros(channels, np.float32),
            name + ".running_var": np.ones(channels, np.float32)}

    def plain(op, **attrs):
        return {"op": op, **attrs}, {}

    def forward(layers, t, x, train):
        outer = None
        for layer in layers:
            op, name = layer["op"], layer.get("name")
            if op == "dense":
                x = F.linear(x, t[name + ".weight"], t[name + ".bias"])
            elif op == "conv2d":
                x = F.conv2d(x, t[name + ".weight"], t[name + ".bias"], padding=layer["pad"], groups=layer["groups"])
            elif op == "batchnorm":
                x = F.batch_norm(x, t[name + ".running_mean"], t[name + ".running_var"], t[name + ".weight"],
                                 t[name + ".bias"], train, layer["momentum"], layer["eps"])
            elif op == "maxpool":
                x = F.max_pool2d(x, layer["kernel"])
            elif op == "avgpool":
                x = F.avg_pool2d(x, layer["kernel"])
            elif op == "flatten":
                x = x.flatten(1)  # channels, rows, columns
            elif op == "save":
                outer = x
            elif op == "add_saved":
                x = x + outer
            else:
                raise ValueError(op)
            x = activate(x, layer)
        return x

    def add(name, parts, x, classes, optimizer, steps):
        layers = [layer for layer, _ in parts]
        values = {key: array for _, arrays in parts for key, array in arrays.items()}
        labels = f.integers(0, classes, x.shape[0])
        runs = {}
        for dtype in (torch.float64, torch.float32):
            t = {key: torch.from_numpy(array.copy()).to(dtype) for key, array in values.items()}
            trained = {key: tensor.requires_grad_() for key, tensor in t.items() if ".running_" not in key}
            data, target = torch.from_numpy(x.copy()).to(dtype).requires_grad_(), torch.from_numpy(labels).long()
            outputs, gradients, losses = {}, {}, []
            update = make_optimizer(trained.values(), optimizer)
            for step in range(1, steps + 1):
                update.zero_grad()
                logits = forward(layers, t, data, True)
                loss = F.cross_entropy(logits, target)
                loss.backward()
                losses.append(loss.item())
                if step == 1:
                    outputs["logits"] = logits.detach().clone()
                    gradients = {key: tensor.grad.clone() for key, tensor in {**trained, "x": data}.items()}
                update.step()
                if step in (1, steps):
                    outputs.update({f"{key}@{step}": tensor.detach().clone() for key, tensor in t.items()})
            with torch.no_grad():
                outputs[f"infer_logits@{steps}"] = forward(layers, t, data, False)
            outputs["losses"] = torch.tensor(losses, dtype=torch.float64)
            runs[dtype] = [{key: tensor.numpy().astype(np.float64) for key, tensor in part.items()}
                           for part in (outputs, gradients)]
        for exact, rounded in zip(runs[torch.float64], runs[torch.float32]):
            for key in exact:
                f.compare(f"{name}/{key}", exact[key], rounded[key])
        attrs = {"layers": layers, "optimizer": optimizer, "steps": steps, "loss": "cross_entropy"}
        f.add(name, attrs, {"x": x, "labels": labels, **values}, *runs[torch.float64])

    def make_optimizer(parameters, spec):
        if spec["op"] == "sgd":
            return torch.optim.SGD(parameters, spec["lr"], spec["momentum"], weight_decay=spec["weight_decay"])
        return torch.optim.Adam(parameters, spec["lr"])

    sgd_spec = {"op": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 5e-4}
    adam_spec = {"op": "adam", "lr": 0.002, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}
    add("mlp", [dense("fc1", 20, 33, "tanh"), dense("fc2", 33, 17, "tanh"), dense("fc3", 17, 5)],
        f.normal(12, 20), 5, {**sgd_spec, "lr": 0.1, "momentum": 0.0, "weight_decay": 0.0}, 20)
    for spec in (sgd_spec, adam_spec):
        add(f"lenet_{spec['op']}",
            [conv("conv1", 1, 4, 5, pad=2, act="relu"), plain("maxpool", kernel=2),
             conv("conv2", 4, 8, 5, act="relu"), plain("maxpool", kernel=2), plain("flatten"),
             dense("fc1", 72, 32, "relu"), dense("fc2", 32, 10)],
            f.normal(8, 1, 20, 20), 10, spec, 10)
    add("batchnorm_residual",
        [conv("conv1", 3, 8, 3, pad=1), norm("bn1", 8, "relu"), plain("maxpool", kernel=2), plain("save"),
         conv("conv2", 8, 8, 3, pad=1, groups=8), norm("bn2", 8, "relu"), conv("conv3", 8, 8, 1), norm("bn3", 8),
         plain("add_saved"), plain("avgpool", kernel=5), plain("flatten"), dense("fc", 8, 4)],
        f.normal(6, 3, 10, 10), 4, sgd_spec, 10)


# ---- all -------------------------------------------------------------------------------------------------------------

FAMILIES = {
    "gemm": gemm, "conv2d": conv2d, "pool2d": pool2d, "unary": unary, "softmax": softmax,
    "cross_entropy": cross_entropy, "mse": mse, "bce": bce, "hinge": hinge, "batchnorm": batchnorm, "binary": binary,
    "reduce": reduce, "permute": permute, "concat": concat, "slice": slice_, "pad": pad, "sgd": sgd, "adam": adam,
    "adamw": adamw, "network": network,
}


def main():
    torch.set_num_threads(1)
    os.makedirs(DATA, exist_ok=True)
    for name in sys.argv[1:] or FAMILIES:
        family = Family(name)
        FAMILIES[name](family)
        family.write()


if __name__ == "__main__":
    main()

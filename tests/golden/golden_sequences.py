#!/usr/bin/env python3
"""Golden data of the operations on sequences; see make_golden.py and README.md.

Usage: python3 golden_sequences.py [family ...]
"""
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.nn.utils.stateless import functional_call

from make_golden import DATA, Family


# ---- recurrent nets --------------------------------------------------------------------------------------------------

def recurrent(f):
    def add(name, kind, t, n, i, h, layers=1, bias=1, both=0, batch_first=0, initial=0, lengths=None, result="y"):
        make = {"rnn_tanh": lambda **a: torch.nn.RNN(nonlinearity="tanh", **a), "lstm": torch.nn.LSTM, "gru": torch.nn.GRU,
                "rnn_relu": lambda **a: torch.nn.RNN(nonlinearity="relu", **a)}[kind]
        net = make(input_size=i, hidden_size=h, num_layers=layers, bias=bool(bias), batch_first=bool(batch_first),
                   bidirectional=bool(both))
        names = [p for p, _ in net.named_parameters()]
        inputs = {"x": f.normal(*((n, t, i) if batch_first else (t, n, i)))}
        for p, value in net.named_parameters():
            inputs[p] = f.uniform(*value.shape, low=-h ** -0.5, high=h ** -0.5)
        state = ["h0", "c0"] if kind == "lstm" else ["h0"]
        if initial:
            inputs.update({s: f.normal(layers * (1 + both), n, h) for s in state})
        if lengths is not None:
            inputs["lengths"] = np.asarray(lengths, np.int32)

        def function(v):
            module = net.to(v["x"].dtype)
            for p in names:  # tensors instead of parameters, so that their gradients are found by name
                delattr(module, p) if p in module._parameters else None
                setattr(module, p, v[p])
            module._flat_weights = [v[p] for p in names]
            x = v["x"]
            if lengths is not None:
                x = pack_padded_sequence(x, v["lengths"], bool(batch_first), enforce_sorted=False)
            first = (tuple(v[s] for s in state) if kind == "lstm" else v["h0"]) if initial else None
            y, last = module(x, first)
            if lengths is not None:
                y, _ = pad_packed_sequence(y, bool(batch_first), total_length=t)
            last = last if kind == "lstm" else (last,)
            if result == "state":
                return {"y": torch.stack(last)}
            return {"y": y, **{s: v.detach() for s, v in zip(("hn", "cn"), last)}}

        attrs = {"kind": kind, "layers": layers, "bias": bias, "both": both, "batch_first": batch_first, "result": result}
        f.case(name, attrs, inputs, function)

    for kind in ("rnn_tanh", "rnn_relu", "lstm", "gru"):
        add(f"{kind}", kind, 5, 3, 4, 6)
        add(f"{kind}_cell", kind, 1, 2, 3, 5, initial=1)
        add(f"{kind}_lengths", kind, 6, 4, 3, 5, lengths=[4, 6, 1, 3], initial=1)
        add(f"{kind}_both_lengths", kind, 5, 3, 4, 3, both=1, lengths=[2, 5, 4], initial=1)
        add(f"{kind}_stack", kind, 4, 2, 3, 5, layers=2, both=1, batch_first=1, bias=0)
        add(f"{kind}_stack_lengths", kind, 5, 4, 2, 4, layers=3, lengths=[5, 2, 4, 1], batch_first=1)
        add(f"{kind}_state", kind, 5, 3, 4, 5, both=1, initial=1, lengths=[3, 5, 1], result="state")
        add(f"{kind}_wide", kind, 7, 3, 5, 19, initial=1)


# ---- training on padded sequences ------------------------------------------------------------------------------------

def padded(f):
    """Steps of gradient descent of a recurrent net with a linear layer on its last states; packed sequences in PyTorch."""
    def add(name, kind, t, n, i, h, lengths, layers=1, both=0, steps=3, lr=0.2):
        make = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind]
        net = make(i, h, layers, batch_first=True, bidirectional=bool(both)).double()
        head = torch.nn.Linear(h * (1 + both), 2).double()
        inputs = {"x": f.normal(n, t, i), "lengths": np.asarray(lengths, np.int32), "target": f.normal(n, 2)}
        named = {**{f"{kind}1.{p}": v for p, v in net.named_parameters()}, **{f"dense1.{p}": v for p, v in head.named_parameters()}}
        for p, value in named.items():
            inputs[p] = f.uniform(*value.shape, low=-h ** -0.5, high=h ** -0.5)
            value.data = torch.from_numpy(inputs[p].copy()).double()
        x, target = torch.from_numpy(inputs["x"]).double(), torch.from_numpy(inputs["target"]).double()
        optimizer = torch.optim.SGD(named.values(), lr=lr)
        losses = []
        for _ in range(steps):
            packed = pack_padded_sequence(x, torch.tensor(lengths), True, enforce_sorted=False)
            last = net(packed)[1]
            last = last[0] if kind == "lstm" else last
            loss = torch.nn.functional.mse_loss(head(torch.cat(tuple(last[-1 - both:]), 1)), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        outputs = {"losses": np.asarray(losses, np.float64), **{p: v.detach().numpy().copy() for p, v in named.items()}}
        f.add(name, {"kind": kind, "layers": layers, "both": both, "hidden": h, "steps": steps, "lr": lr}, inputs, outputs, {})

    for kind in ("rnn", "lstm", "gru"):
        add(kind, kind, 6, 4, 3, 5, [4, 6, 1, 3])
        add(f"{kind}_stack_both", kind, 5, 3, 2, 4, [2, 5, 4], layers=2, both=1)


# ---- sums of products ------------------------------------------------------------------------------------------------

def einsum(f):
    """terms: the product of the sizes of all labels."""
    def add(equation, terms, *shapes):
        inputs = {f"x{i}": f.normal(*shape) for i, shape in enumerate(shapes)}
        f.case(f"{equation} {shapes}".replace(" ", ""), {"equation": equation, "terms": terms}, inputs,
               lambda v: {"y": torch.einsum(equation, *(v[f"x{i}"] for i in range(len(shapes))))})

    add("ij->ji", 12, (3, 4))
    add("ij->i", 12, (3, 4))
    add("ij->", 12, (3, 4))
    add("ba", 12, (3, 4))
    add("ii->i", 4, (4, 4))
    add("ii", 4, (4, 4))
    add("iji->ji", 12, (3, 4, 3))
    add("...ii->...i", 24, (2, 3, 4, 4))
    add("i,i->", 5, (5,), (5,))
    add("i,j->ij", 20, (5,), (4,))
    add("ij,jk->ik", 60, (3, 4), (4, 5))
    add("ij,jk", 60, (3, 4), (4, 5))
    add("bij,bjk->bik", 120, (2, 3, 4), (2, 4, 5))
    add("bij,bjk->kb", 120, (2, 3, 4), (2, 4, 5))
    add("...ij,...jk->...ik", 360, (3, 2, 3, 4), (2, 4, 5))
    add("bhqd,bhkd->bhqk", 240, (2, 3, 4, 2), (2, 3, 5, 2))
    add("bn,anm,bm->ba", 120, (2, 5), (3, 5, 4), (2, 4))
    add("ij,ij,j->i", 12, (3, 4), (3, 4), (4,))
    add("ij,kj->ik", 24, (3, 1), (2, 4))
    add("...,...->...", 24, (2, 3, 4), (1, 4))
    add("abc,cd,def->abef", 5040, (2, 3, 4), (4, 5), (5, 6, 7))


# ---- choosing by index -----------------------------------------------------------------------------------------------

def indexing(f):
    def add(name, op, x, index_shape, size, dim=0, source=None, padding=-1):
        inputs = {"x": f.normal(*x), "index": f.integers(0, size, *index_shape)}
        if source:
            inputs["source"] = f.normal(*source)

        def function(t):
            index = t["index"].long()
            if op == "index_select":
                return {"y": torch.index_select(t["x"], dim, index)}
            if op == "index_add":
                return {"y": torch.index_add(t["x"], dim, index, t["source"])}
            if op == "gather":
                return {"y": torch.gather(t["x"], dim, index)}
            if op == "scatter_add":
                return {"y": torch.scatter_add(t["x"], dim, index, t["source"])}
            if op == "embedding":
                return {"y": F.embedding(index, t["x"], padding if padding >= 0 else None)}
            return {"y": F.one_hot(index, size).to(t["x"].dtype) * t["x"]}

        f.case(name, {"op": op, "dim": dim, "padding": padding, "size": size}, inputs, function)

    for dim, size in ((0, 4), (1, 3), (-1, 5)):
        add(f"index_select_{dim}", "index_select", (4, 3, 5), (6,), size, dim)
        add(f"index_add_{dim}", "index_add", (4, 3, 5), (6,), size, dim, [6 if d == dim % 3 else n for d, n in enumerate((4, 3, 5))])
        chosen = [2 if d == dim % 3 else n for d, n in enumerate((4, 3, 5))]
        add(f"gather_{dim}", "gather", (4, 3, 5), chosen, size, dim)
        add(f"scatter_add_{dim}", "scatter_add", (4, 3, 5), chosen, size, dim, chosen)
    add("embedding", "embedding", (10, 7), (4, 6), 10)
    add("embedding_padding", "embedding", (6, 3), (5, 5), 6, padding=2)
    add("embedding_one", "embedding", (3, 4), (), 3)
    add("one_hot", "one_hot", (4, 5), (4,), 5)


# ---- products of many matrices ---------------------------------------------------------------------------------------

def matmul(f):
    for name, a, b in (("vectors", (5,), (5,)), ("matrix_vector", (3, 5), (5,)), ("vector_matrix", (5,), (5, 4)), ("batch", (3, 4, 5), (3, 5, 6)),
                       ("shared_left", (4, 5), (3, 5, 2)), ("shared_right", (2, 3, 4, 5), (5, 6)), ("broadcast", (2, 1, 4, 5), (3, 5, 2)),
                       ("heads", (2, 3, 17, 8), (2, 3, 8, 19)), ("batch_vector", (2, 3, 5), (5,)), ("vector_batch", (5,), (2, 5, 3))):
        f.case(name, {}, {"a": f.normal(*a), "b": f.normal(*b)}, lambda t: {"y": torch.matmul(t["a"], t["b"])})


# ---- attention -------------------------------------------------------------------------------------------------------

def attention(f):
    def dot(name, n, l, s, e, heads=3, causal=0, lengths=None):
        inputs = {"q": f.normal(n, heads, l, e), "k": f.normal(n, heads, s, e), "v": f.normal(n, heads, s, e + 1)}
        if lengths is not None:
            inputs["lengths"] = np.asarray(lengths, np.int32)

        def function(t):
            scores = t["q"] @ t["k"].transpose(-1, -2) / e ** 0.5
            if causal:
                scores = scores.masked_fill(torch.ones(l, s, dtype=torch.bool).triu(1), float("-inf"))
            if lengths is not None:
                hidden = torch.arange(s)[None, :] >= torch.as_tensor(lengths)[:, None]
                scores = scores.masked_fill(hidden[:, None, None, :], float("-inf"))
            weights = scores.softmax(-1)
            return {"y": weights @ t["v"], "weights": weights.detach()}

        f.case(name, {"op": "dot", "causal": causal}, inputs, function)

    def multi_head(name, n, l, s, e, heads, bias=1, causal=0, lengths=None, kdim=None, vdim=None):
        self_attention = s is None
        net = torch.nn.MultiheadAttention(e, heads, bias=bool(bias), batch_first=True, kdim=kdim, vdim=vdim)
        names = [p for p, _ in net.named_parameters()]
        inputs = {"query": f.normal(n, l, e)}
        if not self_attention:
            inputs.update({"key": f.normal(n, s, kdim or e), "value": f.normal(n, s, vdim or e)})
        inputs.update({p: f.normal(*v.shape, scale=e ** -0.5) for p, v in net.named_parameters()})
        if lengths is not None:
            inputs["lengths"] = np.asarray(lengths, np.int32)

        def function(t):
            keys = l if self_attention else s
            key = t["query"] if self_attention else t["key"]
            value = t["query"] if self_attention else t["value"]
            mask = torch.ones(l, keys, dtype=torch.bool).triu(1) if causal else None
            hidden = torch.arange(keys)[None, :] >= torch.as_tensor(lengths)[:, None] if lengths is not None else None
            y, weights = F.multi_head_attention_forward(
                t["query"].transpose(0, 1), key.transpose(0, 1), value.transpose(0, 1), e, heads, t.get("in_proj_weight"),
                t.get("in_proj_bias"), None, None, False, 0.0, t["out_proj.weight"], t.get("out_proj.bias"), attn_mask=mask,
                key_padding_mask=hidden, use_separate_proj_weight="in_proj_weight" not in names, q_proj_weight=t.get("q_proj_weight"),
                k_proj_weight=t.get("k_proj_weight"), v_proj_weight=t.get("v_proj_weight"))
            return {"y": y.transpose(0, 1), "weights": weights.detach()}

        f.case(name, {"op": "multi_head", "width": e, "heads": heads, "bias": bias, "causal": causal}, inputs, function)

    dot("dot", 2, 4, 6, 5)
    dot("dot_causal", 1, 5, 5, 3, causal=1)
    dot("dot_lengths", 3, 4, 5, 4, lengths=[5, 1, 3])
    dot("dot_causal_lengths", 2, 5, 5, 4, causal=1, lengths=[2, 5])
    dot("dot_one", 1, 1, 1, 1, heads=1)
    multi_head("self", 2, 5, None, 8, 2)
    multi_head("self_causal_lengths", 3, 4, None, 6, 3, causal=1, lengths=[4, 2, 1])
    multi_head("self_no_bias", 1, 6, None, 4, 1, bias=0)
    multi_head("cross", 2, 3, 5, 8, 4, lengths=[5, 2])
    multi_head("cross_widths", 2, 3, 5, 6, 2, kdim=5, vdim=7)


def transformer(f):
    def add(name, n, t, e, heads, hidden, norm_first=0, gelu=0, causal=0, lengths=None):
        net = torch.nn.TransformerEncoderLayer(e, heads, hidden, dropout=0.0, activation="gelu" if gelu else "relu",
                                               batch_first=True, norm_first=bool(norm_first))
        inputs = {"x": f.normal(n, t, e)}
        inputs.update({p: f.normal(*v.shape, scale=e ** -0.5, mean=float(p.startswith("norm") and p.endswith("weight")))
                       for p, v in net.named_parameters()})
        if lengths is not None:
            inputs["lengths"] = np.asarray(lengths, np.int32)

        def function(v):
            parameters = {p: v[p] for p, _ in net.named_parameters()}
            mask = torch.ones(t, t, dtype=torch.bool).triu(1) if causal else None
            hidden_keys = torch.arange(t)[None, :] >= torch.as_tensor(lengths)[:, None] if lengths is not None else None
            y = functional_call(net.to(v["x"].dtype), parameters, (v["x"],), {"src_mask": mask, "src_key_padding_mask": hidden_keys})
            return {"y": y}

        f.case(name, {"width": e, "heads": heads, "hidden": hidden, "norm_first": norm_first, "gelu": gelu, "causal": causal}, inputs, function)

    add("post", 2, 5, 8, 2, 11)
    add("pre", 2, 5, 8, 2, 11, norm_first=1)
    add("post_gelu_causal", 1, 6, 6, 3, 9, gelu=1, causal=1)
    add("pre_gelu_lengths", 3, 4, 6, 1, 5, norm_first=1, gelu=1, lengths=[4, 1, 3])


# ---- ctc -------------------------------------------------------------------------------------------------------------

def ctc(f):
    def add(name, t, n, c, s, reduction="mean", blank=0, lengths=None, labels=None, zero_infinity=0, zero_loss=False):
        steps = np.asarray(lengths or [t] * n, np.int32)
        counts = np.asarray(labels or f.integers(1, s + 1, n), np.int32)
        targets = f.integers(0, c - 1, n, s)
        targets = np.asarray(targets + (targets >= blank), np.int32)  # any class but the blank
        attrs = {"reduction": reduction, "blank": blank, "zero_infinity": zero_infinity}
        f.case(name, attrs, {"x": f.normal(t, n, c, scale=2.0), "labels": targets, "steps": steps, "lengths": counts}, lambda v: {
            "loss": F.ctc_loss(v["x"].log_softmax(2), v["labels"], v["steps"], v["lengths"], blank, reduction, bool(zero_infinity))})

    for reduction in ("none", "mean", "sum"):
        add(f"{reduction}", 9, 3, 5, 3, reduction)
        add(f"{reduction}_lengths", 12, 4, 6, 4, reduction, lengths=[12, 8, 10, 9], labels=[4, 1, 2, 3])
        add(f"{reduction}_blank_last", 8, 2, 4, 3, reduction, blank=3)
        add(f"{reduction}_infinity", 4, 3, 3, 4, reduction, zero_infinity=1, lengths=[4, 1, 4], labels=[1, 4, 2])
    add("long", 40, 2, 8, 12, labels=[12, 9])
    add("one", 1, 1, 2, 1, labels=[1])
    add("no_labels", 5, 2, 3, 2, labels=[0, 2])


FAMILIES = {"recurrent": recurrent, "indexing": indexing, "matmul": matmul, "attention": attention,
            "transformer": transformer, "ctc": ctc, "padded": padded,
            "einsum": einsum}


def main():
    torch.set_num_threads(1)
    os.makedirs(DATA, exist_ok=True)
    for name in sys.argv[1:] or FAMILIES:
        family = Family(name)
        FAMILIES[name](family)
        family.write()


if __name__ == "__main__":
    main()

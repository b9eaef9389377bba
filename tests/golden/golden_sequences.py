#!/usr/bin/env python3
"""Golden data of the operations on sequences; see make_golden.py and README.md.

Usage: python3 golden_sequences.py [family ...]
"""
import os
import sys

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

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


FAMILIES = {"recurrent": recurrent}


def main():
    torch.set_num_threads(1)
    os.makedirs(DATA, exist_ok=True)
    for name in sys.argv[1:] or FAMILIES:
        family = Family(name)
        FAMILIES[name](family)
        family.write()


if __name__ == "__main__":
    main()

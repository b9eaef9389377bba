"""Golden data of the optimisers beside SGD and Adam, and of learning-rate schedules: see README.md.

python3 tests/golden/golden_optim.py            # or with the names of some families
"""
import math
import sys
import warnings

import numpy as np
import torch
from torch.optim import lr_scheduler

from make_golden import Family, optimiser


class Lamb(torch.optim.Optimizer):
    """You et al. 2020, algorithm 2, with the identity as phi. PyTorch has none."""

    def __init__(self, params, lr, beta1, beta2, eps, weight_decay):
        super().__init__(params, {"lr": lr})
        self.numbers, self.step_number = (beta1, beta2, eps, weight_decay), 0

    @torch.no_grad()
    def step(self):
        self.step_number += 1
        beta1, beta2, eps, decay = self.numbers
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state["m"], state["v"] = torch.zeros_like(p), torch.zeros_like(p)
                state["m"] = beta1 * state["m"] + (1 - beta1) * p.grad
                state["v"] = beta2 * state["v"] + (1 - beta2) * p.grad ** 2
                mean = state["m"] / (1 - beta1 ** self.step_number)
                root = torch.sqrt(state["v"] / (1 - beta2 ** self.step_number))
                u = mean / (root + eps) + decay * p
                of_param, of_move = p.norm().item(), u.norm().item()
                trust = of_param / of_move if of_param > 0 and of_move > 0 else 1
                p -= group["lr"] * trust * u


class NAdam(torch.optim.Optimizer):
    """Dozat 2016, as PyTorch documents it: in 1.13 the second product has a factor too many, which later versions lack."""

    def __init__(self, params, lr, betas, eps, weight_decay, momentum_decay):
        super().__init__(params, {"lr": lr})
        self.numbers, self.step_number, self.product = (*betas, eps, weight_decay, momentum_decay), 0, 1.0

    @torch.no_grad()
    def step(self):
        self.step_number += 1
        beta1, beta2, eps, decay, psi = self.numbers
        mu, following = (beta1 * (1 - 0.5 * 0.96 ** (t * psi)) for t in (self.step_number, self.step_number + 1))
        self.product *= mu
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state["m"], state["v"] = torch.zeros_like(p), torch.zeros_like(p)
                g = p.grad + decay * p
                state["m"] = beta1 * state["m"] + (1 - beta1) * g
                state["v"] = beta2 * state["v"] + (1 - beta2) * g ** 2
                mean = following * state["m"] / (1 - self.product * following) + (1 - mu) * g / (1 - self.product)
                p -= group["lr"] * mean / (torch.sqrt(state["v"] / (1 - beta2 ** self.step_number)) + eps)


def make_adaptive(p, a):
    rule, lr, eps, decay = a["rule"], a["lr"], a["eps"], a["weight_decay"]
    betas = (a["first"], a["second"])
    if rule == "adagrad":
        return torch.optim.Adagrad(p, lr, a["extra"], decay, a["initial"], eps)
    if rule == "adadelta":
        return torch.optim.Adadelta(p, lr, a["first"], eps, decay)
    if rule == "rmsprop":
        return torch.optim.RMSprop(p, lr, a["first"], eps, decay, a["second"], bool(a["option"]))
    if rule == "amsgrad":
        kind = torch.optim.AdamW if a["option"] else torch.optim.Adam
        return kind(p, lr, betas, eps, decay, amsgrad=True)
    if rule == "adamax":
        return torch.optim.Adamax(p, lr, betas, eps, decay)
    if rule == "nadam":
        return NAdam(p, lr, betas, eps, decay, a["extra"])
    if rule == "radam":
        return torch.optim.RAdam(p, lr, betas, eps, decay)
    return torch.optim.Rprop(p, lr, betas, (eps, a["extra"]))


def adaptive(f):
    def base(rule, **more):
        return {"rule": rule, "lr": 0.01, "weight_decay": 0.0, "first": 0.9, "second": 0.999, "eps": 1e-8, "extra": 0.0,
                "option": 0, "initial": 0.0, **more}

    adagrad = base("adagrad", first=0.0, second=0.0, eps=1e-10)
    adadelta = base("adadelta", lr=1.0, second=0.0, eps=1e-6)
    rmsprop = base("rmsprop", first=0.99, second=0.0)
    rprop = base("rprop", first=0.5, second=1.2, eps=1e-6, extra=50.0)
    optimiser(f, make_adaptive, [
        ("adagrad", adagrad),
        ("adagrad_all", {**adagrad, "lr": 0.1, "extra": 0.05, "initial": 0.1, "weight_decay": 0.01, "eps": 1e-3}),
        ("adagrad_schedule", {**adagrad, "lr": None}),
        ("adadelta", adadelta),
        ("adadelta_all", {**adadelta, "first": 0.8, "eps": 1e-3, "weight_decay": 0.01, "lr": 0.5}),
        ("rmsprop", rmsprop),
        ("rmsprop_decay", {**rmsprop, "first": 0.9, "weight_decay": 0.05, "eps": 1e-3}),
        ("rmsprop_momentum", {**rmsprop, "second": 0.9}),
        ("rmsprop_centered", {**rmsprop, "option": 1}),
        ("rmsprop_all", {**rmsprop, "second": 0.8, "option": 1, "weight_decay": 0.01, "first": 0.95, "lr": None}),
        ("amsgrad", base("amsgrad", lr=0.001)),
        ("amsgrad_decay", base("amsgrad", weight_decay=0.1, second=0.9)),
        ("amsgrad_decoupled", base("amsgrad", weight_decay=0.1, second=0.9, option=1, lr=None)),
        ("adamax", base("adamax", lr=0.002)),
        ("adamax_all", base("adamax", lr=None, first=0.5, second=0.9, weight_decay=0.05, eps=1e-3)),
        ("nadam", base("nadam", lr=0.002, extra=0.004)),
        ("nadam_all", base("nadam", lr=None, first=0.8, second=0.95, weight_decay=0.05, eps=1e-3, extra=0.02)),
        ("radam", base("radam", lr=0.001)),
        ("radam_all", base("radam", lr=None, first=0.8, second=0.95, weight_decay=0.05, eps=1e-3)),
        ("radam_never", base("radam", lr=0.01, second=0.5)),
        ("rprop", rprop),
        ("rprop_all", {**rprop, "first": 0.6, "second": 1.1, "eps": 1e-3, "extra": 0.05, "lr": 0.02}),
    ])


def lamb(f):
    base = {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-6, "weight_decay": 0.0}
    optimiser(f, lambda p, a: Lamb(p, a["lr"], a["beta1"], a["beta2"], a["eps"], a["weight_decay"]), [
        ("default", base),
        ("decay", {**base, "weight_decay": 0.01, "beta2": 0.9}),
        ("schedule", {**base, "lr": None, "weight_decay": 0.1, "eps": 1e-3}),
    ])


# ---- schedules -------------------------------------------------------------------------------------------------------

def schedule(f):
    """rate[i] is the learning rate of step i; momentum[i] likewise where the schedule cycles it."""
    def run(name, attrs, make, steps, losses=None):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], attrs["rate"], 0.9)
        scheduler = make(optimizer)
        rates, momenta = [], []
        for step in range(steps):
            rates.append(float(optimizer.param_groups[0]["lr"]))
            momenta.append(float(optimizer.param_groups[0]["momentum"]))
            optimizer.step()
            if losses is not None:
                scheduler.step(float(losses[step]))
            elif step + 1 < steps:
                scheduler.step()
        outputs = {"rate": np.array(rates, np.float64)}
        if len(set(momenta)) > 1:
            outputs["momentum"] = np.array(momenta, np.float64)
        f.add(name, {**attrs, "steps": steps}, {} if losses is None else {"losses": losses}, outputs, {})

    run("step", {"kind": "step", "rate": 0.1, "every": 30, "factor": 0.3}, lambda o: lr_scheduler.StepLR(o, 30, 0.3), 200)
    run("multi_step", {"kind": "multi_step", "rate": 0.1, "epochs": [20, 21, 90], "factor": 0.2},
        lambda o: lr_scheduler.MultiStepLR(o, [20, 21, 90], 0.2), 150)
    run("exponential", {"kind": "exponential", "rate": 0.1, "factor": 0.97}, lambda o: lr_scheduler.ExponentialLR(o, 0.97), 200)
    run("polynomial", {"kind": "polynomial", "rate": 0.1, "power": 2.5, "total": 120},
        lambda o: lr_scheduler.PolynomialLR(o, 120, 2.5), 120)
    run("cosine", {"kind": "cosine", "rate": 0.1, "least": 0.01, "total": 150},
        lambda o: lr_scheduler.CosineAnnealingLR(o, 150, 0.01), 150)
    for name, first, factor in (("restarts", 25, 1), ("restarts_longer", 10, 2)):
        run(name, {"kind": "restarts", "rate": 0.2, "least": 0.001, "first": first, "longer": factor},
            lambda o, first=first, factor=factor: lr_scheduler.CosineAnnealingWarmRestarts(o, first, factor, 0.001), 200)
    run("linear", {"kind": "linear", "rate": 0.1, "from": 0.25, "to": 0.5, "over": 40},
        lambda o: lr_scheduler.LinearLR(o, 0.25, 0.5, 40), 100)
    run("constant_factor", {"kind": "constant_factor", "rate": 0.1, "factor": 0.2, "over": 15},
        lambda o: lr_scheduler.ConstantLR(o, 0.2, 15), 40)
    for name, anneal, three in (("one_cycle", "cos", 0), ("one_cycle_linear", "linear", 0),
                                ("one_cycle_three", "cos", 1), ("one_cycle_linear_three", "linear", 1)):
        run(name, {"kind": "one_cycle", "rate": 0.5, "share": 0.3, "linear": int(anneal == "linear"), "three": three,
                   "divide": 25.0, "divide_last": 1e4, "low": 0.85, "high": 0.95, "total": 200},
            lambda o, anneal=anneal, three=three: lr_scheduler.OneCycleLR(o, 0.5, 200, anneal_strategy=anneal,
                                                                          three_phase=bool(three)), 200)
    for mode in ("triangular", "triangular2", "exp_range"):
        run("cyclic_" + mode, {"kind": "cyclic", "rate": 0.01, "most": 0.1, "up": 20, "down": 30, "mode": mode, "factor": 0.99,
                               "low": 0.8, "high": 0.9},
            lambda o, mode=mode: lr_scheduler.CyclicLR(o, 0.01, 0.1, 20, 30, mode, 0.99), 220)
    losses = f.uniform(160, low=-0.04, high=0.04) + np.exp(-np.arange(160) / 25).astype(np.float32) + np.float32(0.5)
    losses[70], losses[71] = np.nan, np.inf
    for name, more in (("plateau", {}), ("plateau_absolute", {"threshold": 0.02, "absolute": 1, "cooldown": 3, "patience": 4}),
                       ("plateau_least", {"least": 0.004, "patience": 2, "factor": 0.5})):
        a = {"kind": "plateau", "rate": 0.1, "factor": 0.3, "patience": 6, "threshold": 1e-3, "absolute": 0, "cooldown": 0, "least": 0.0,
             **more}
        run(name, a, lambda o, a=a: lr_scheduler.ReduceLROnPlateau(
            o, "min", a["factor"], a["patience"], a["threshold"], "abs" if a["absolute"] else "rel", a["cooldown"], a["least"]), 160,
            np.asarray(losses, np.float32))
    run("sequence", {"kind": "sequence", "rate": 0.1},
        lambda o: lr_scheduler.SequentialLR(o, [lr_scheduler.ConstantLR(o, 0.1, 10), lr_scheduler.ExponentialLR(o, 0.9)], [10]), 60)
    run("product", {"kind": "product", "rate": 0.1},
        lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.ConstantLR(o, 0.1, 20), lr_scheduler.ExponentialLR(o, 0.9)]), 60)
    run("lambda", {"kind": "lambda", "rate": 0.1}, lambda o: lr_scheduler.LambdaLR(o, lambda i: 1 / math.sqrt(1 + i)), 100)


FAMILIES = {"adaptive": adaptive, "lamb": lamb, "schedule": schedule}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    for name in sys.argv[1:] or FAMILIES:
        family = Family(name)
        FAMILIES[name](family)
        family.write()

#!/usr/bin/env python3
"""Golden data of convolutions, pooling and resizing of one to three dimensions; see make_golden.py and README.md.

Usage: python3 golden_images.py [family ...]
"""
import os
import sys

import torch
import torch.nn.functional as F

from make_golden import DATA, Family


def each(value, rank):
    return list(value) if isinstance(value, (tuple, list)) else [value] * rank


def window(kernel, stride=1, pad=0, dilation=1, after=None):
    rank = len(kernel)
    before = each(pad, rank)
    return {"kernel": list(kernel), "stride": each(stride, rank), "before": before,
            "after": before if after is None else each(after, rank), "dilation": each(dilation, rank)}


def surround(x, w, mode):
    """Padding by F.pad, which takes the last dimension first."""
    widths = [n for b, a in reversed(list(zip(w["before"], w["after"]))) for n in (b, a)]
    return F.pad(x, widths, {"zeros": "constant"}.get(mode, mode))


# ---- convolutions ----------------------------------------------------------------------------------------------------

def convolution(f):
    def conv(name, x, o, kernel, groups=1, mode="zeros", bias=True, same=False, **more):
        rank, w = len(kernel), window(kernel, **more)
        inputs = {"x": f.normal(*x), "weight": f.normal(o, x[1] // groups, *kernel)}
        if bias:
            inputs["bias"] = f.normal(o)
        function = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]

        def run(t):
            if same:
                return {"y": function(t["x"], t["weight"], t.get("bias"), 1, "same", w["dilation"], groups)}
            padded = surround(t["x"], w, mode)
            return {"y": function(padded, t["weight"], t.get("bias"), w["stride"], 0, w["dilation"], groups)}

        f.case(name, {"kind": "conv", "groups": groups, "mode": mode, "same": int(same), **w}, inputs, run)

    conv("line", (2, 3, 9), 4, (3,), pad=1)
    conv("line_stride_dilation", (2, 3, 12), 5, (3,), stride=2, pad=2, dilation=2)
    conv("line_groups", (2, 6, 8), 4, (4,), groups=2, bias=False)
    conv("line_depthwise_causal", (1, 5, 10), 5, (2,), groups=5, pad=4, after=0, dilation=4)
    conv("line_even_same", (2, 2, 7), 3, (4,), same=True, dilation=2)
    conv("line_circular", (2, 2, 7), 3, (3,), pad=2, mode="circular")
    conv("line_reflect", (2, 2, 7), 3, (5,), pad=3, after=1, mode="reflect", stride=2)
    conv("image", (2, 3, 6, 7), 4, (3, 2), stride=(2, 1), pad=(1, 0), dilation=(1, 2))
    conv("image_asymmetric", (2, 3, 6, 5), 4, (3, 3), pad=(0, 2), after=(1, 0), stride=2)
    conv("image_even_same", (1, 2, 5, 6), 3, (2, 4), same=True)
    for mode in ("reflect", "replicate", "circular"):
        conv("image_" + mode, (2, 2, 5, 4), 3, (3, 3), pad=(2, 1), after=(1, 2), mode=mode)
    conv("image_depthwise_multiplier", (2, 3, 5, 5), 6, (3, 3), groups=3, pad=1)
    conv("volume", (2, 3, 5, 4, 6), 4, (3, 3, 3), pad=1)
    conv("volume_one", (1, 1, 1, 1, 1), 1, (1, 1, 1))
    conv("volume_flat_kernel", (2, 3, 4, 5, 4), 4, (1, 3, 2))
    conv("volume_mixed", (2, 4, 7, 6, 5), 6, (3, 2, 3), stride=(2, 1, 2), pad=(2, 0, 1), dilation=(2, 1, 1), groups=2)
    conv("volume_depthwise", (1, 3, 4, 4, 4), 3, (2, 3, 3), groups=3, pad=(0, 1, 1), stride=(2, 1, 1), bias=False)
    conv("volume_same", (1, 2, 4, 3, 5), 3, (2, 3, 4), same=True)
    conv("volume_replicate", (1, 2, 3, 3, 4), 2, (3, 3, 3), pad=1, mode="replicate")

    def transposed(name, x, o, kernel, stride=1, pad=0, dilation=1, more=0, groups=1, bias=True):
        rank = len(kernel)
        w, more = window(kernel, stride, pad, dilation), each(more, rank)
        inputs = {"x": f.normal(*x), "weight": f.normal(x[1], o // groups, *kernel)}
        if bias:
            inputs["bias"] = f.normal(o)
        function = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[rank - 1]

        def run(t):
            return {"y": function(t["x"], t["weight"], t.get("bias"), w["stride"], w["before"], more, groups, w["dilation"])}

        f.case(name, {"kind": "transposed", "groups": groups, "output_padding": more, **w}, inputs, run)

    transposed("t_line", (2, 3, 5), 4, (4,), stride=2, pad=1)
    transposed("t_line_groups", (2, 4, 5), 6, (3,), stride=3, more=2, groups=2, bias=False)
    transposed("t_image_doubled", (2, 3, 4, 4), 5, (3, 3), stride=2, pad=1, more=1)
    transposed("t_image", (2, 4, 3, 5), 6, (2, 4), stride=(1, 3), pad=(0, 2), dilation=(3, 1), more=(0, 1), groups=2)
    transposed("t_image_dilated_more", (1, 2, 3, 3), 2, (3, 3), dilation=3, pad=1, more=2)
    transposed("t_image_depthwise", (2, 3, 4, 4), 3, (2, 2), stride=2, groups=3, bias=False)
    transposed("t_image_crop", (1, 2, 4, 5), 3, (3, 3), pad=2)
    transposed("t_volume", (2, 3, 3, 2, 3), 4, (3, 3, 3), stride=2, pad=1, more=1)
    transposed("t_volume_mixed", (1, 4, 3, 3, 2), 6, (2, 1, 3), stride=(3, 2, 1), pad=(1, 0, 1), dilation=(2, 1, 2), more=(2, 1, 0), groups=2)

    def columns(name, x, kernel, **more):
        w, size = window(kernel, **more), x[2:]
        rest = dict(dilation=w["dilation"], padding=w["before"], stride=w["stride"])
        f.case("un" + name, {"kind": "unfold", **w}, {"x": f.normal(*x)}, lambda t: {"y": F.unfold(t["x"], w["kernel"], **rest)})
        folded = F.unfold(torch.zeros(x), w["kernel"], **rest).shape
        f.case(name, {"kind": "fold", "sizes": list(size), **w}, {"x": f.normal(*folded)},
               lambda t: {"y": F.fold(t["x"], size, w["kernel"], **rest)})

    columns("fold_plain", (2, 3, 5, 4), (2, 3))
    columns("fold_mixed", (1, 2, 7, 6), (3, 2), stride=(2, 1), pad=(2, 1), dilation=(2, 3))

    for mode in ("reflect", "replicate", "circular"):
        w = window((1, 1), pad=(1, 3), after=(2, 0))
        f.case("pad_" + mode, {"kind": "pad", "mode": mode, **w}, {"x": f.normal(2, 3, 4, 5)}, lambda t: {"y": surround(t["x"], w, mode)})


# ---- pooling ---------------------------------------------------------------------------------------------------------

def pooling(f):
    def maximum(name, x, kernel, ceil=0, unpool=False, **more):
        w, rank = window(kernel, **more), len(kernel)
        function = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[rank - 1]

        def run(t):
            y, index = function(t["x"], w["kernel"], w["stride"], w["before"], w["dilation"], bool(ceil), True)
            return {"y": y, "index": index}

        f.case(name, {"kind": "max", "ceil_mode": ceil, **w}, {"x": f.normal(*x)}, run)

    maximum("max_line", (2, 3, 9), (2,), stride=2)
    maximum("max_line_overlap", (2, 3, 10), (3,), stride=2, pad=1, ceil=1)
    maximum("max_line_dilated", (1, 2, 11), (3,), stride=1, pad=1, dilation=3)
    maximum("max_volume", (2, 3, 4, 6, 4), (2, 2, 2), stride=2)
    maximum("max_volume_mixed", (1, 2, 6, 7, 5), (3, 2, 3), stride=(2, 3, 1), pad=(1, 0, 1), dilation=(1, 2, 1), ceil=1)
    maximum("max_volume_slices", (1, 2, 5, 3, 3), (2, 1, 1))

    def average(name, x, kernel, ceil=0, count=1, **more):
        w, rank = window(kernel, **more), len(kernel)
        function = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[rank - 1]
        f.case(name, {"kind": "average", "ceil_mode": ceil, "count_include_pad": count, **w}, {"x": f.normal(*x)},
               lambda t: {"y": function(t["x"], w["kernel"], w["stride"], w["before"], bool(ceil), bool(count))})

    for ceil in (0, 1):
        for count in (0, 1):
            average(f"avg_line_{ceil}{count}", (2, 3, 10), (3,), ceil, count, stride=2, pad=1)
            average(f"avg_volume_{ceil}{count}", (1, 2, 6, 5, 6), (3, 2, 3), ceil, count, stride=(2, 3, 2), pad=(1, 1, 0))

    def lp(name, x, p, kernel, stride, ceil=0):
        w, rank = window(kernel, stride), len(kernel)
        function = (F.lp_pool1d, F.lp_pool2d)[rank - 1]
        arguments = (w["kernel"][0], w["stride"][0]) if rank == 1 else (w["kernel"], w["stride"])
        f.case(name, {"kind": "lp", "p": p, "ceil_mode": ceil, **w}, {"x": f.uniform(*x, low=0.5, high=2)},
               lambda t: {"y": function(t["x"], p, *arguments, bool(ceil))})

    for p in (1.0, 2.0, 3.0, 2.5):
        lp(f"lp_image_{p}", (2, 3, 6, 7), p, (2, 3), (2, 1))
    lp("lp_line", (2, 3, 8), 4.0, (3,), 2)
    lp("lp_ceil", (1, 2, 7, 8), 2.0, (3, 3), 2, 1)

    def adaptive(name, x, sizes):
        rank = len(sizes)
        maximum = (F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d)[rank - 1]
        mean = (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d)[rank - 1]
        arguments = sizes[0] if rank == 1 else sizes
        values = f.normal(*x)

        def run(t):
            y, index = maximum(t["x"], arguments, return_indices=True)
            return {"y": y, "index": index}

        f.case("amax_" + name, {"kind": "adaptive_max", "sizes": list(sizes)}, {"x": values}, run)
        f.case("aavg_" + name, {"kind": "adaptive_average", "sizes": list(sizes)}, {"x": values}, lambda t: {"y": mean(t["x"], arguments)})

    adaptive("line", (2, 3, 10), (4,))
    adaptive("line_even", (2, 3, 12), (4,))
    adaptive("line_larger", (1, 2, 3), (7,))
    adaptive("image", (2, 3, 7, 5), (3, 4))
    adaptive("image_even", (2, 3, 6, 8), (3, 2))
    adaptive("image_one", (2, 3, 5, 7), (1, 1))
    adaptive("image_larger", (1, 2, 4, 5), (6, 3))
    adaptive("volume", (1, 2, 5, 4, 7), (2, 3, 4))
    adaptive("volume_even", (1, 2, 4, 4, 6), (2, 2, 3))

    def unpool(name, x, kernel, sizes=None, **more):
        w, rank = window(kernel, **more), len(kernel)
        pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[rank - 1]
        back = (F.max_unpool1d, F.max_unpool2d, F.max_unpool3d)[rank - 1]
        y, index = pool(torch.from_numpy(f.normal(*x)), w["kernel"], w["stride"], w["before"], return_indices=True)
        f.case(name, {"kind": "unpool", "sizes": list(sizes or []), **w}, {"x": f.normal(*y.shape), "index": index.int().numpy()},
               lambda t: {"y": back(t["x"], t["index"], w["kernel"], w["stride"], w["before"], output_size=sizes)}, wrt=["x"])

    unpool("unpool_line", (2, 3, 8), (2,), stride=2)
    unpool("unpool_image", (2, 3, 6, 8), (2, 2), stride=2)
    unpool("unpool_image_size", (2, 3, 7, 5), (2, 2), stride=2, sizes=(7, 5))
    unpool("unpool_image_padded", (1, 2, 7, 7), (3, 3), stride=3, pad=1)
    unpool("unpool_volume", (1, 2, 4, 4, 6), (2, 2, 3), stride=(2, 2, 3))


# ---- resizing --------------------------------------------------------------------------------------------------------

def resampling(f):
    names = {"nearest": "nearest", "nearest_exact": "nearest-exact", "area": "area"}

    def torch_name(mode, rank):
        return names.get(mode) or {"linear": ("linear", "bilinear", "trilinear"), "cubic": ("", "bicubic", "")}[mode][rank - 1]

    def resize(name, x, mode, sizes, align=0):
        corners = {"align_corners": bool(align)} if mode in ("linear", "cubic") else {}
        f.case(name, {"kind": "resize", "mode": mode, "align_corners": align, "sizes": list(sizes)}, {"x": f.normal(*x)},
               lambda t: {"y": F.interpolate(t["x"], size=sizes, mode=torch_name(mode, len(sizes)), **corners)})

    def scale(name, x, mode, factors, align=0):
        corners = {"align_corners": bool(align)} if mode in ("linear", "cubic") else {}
        f.case(name, {"kind": "scale", "mode": mode, "align_corners": align, "factors": list(factors)}, {"x": f.normal(*x)},
               lambda t: {"y": F.interpolate(t["x"], scale_factor=factors, mode=torch_name(mode, len(factors)), **corners)})

    for mode in ("nearest", "nearest_exact", "linear", "area"):
        resize(f"line_{mode}", (2, 3, 7), mode, (11,))
        resize(f"line_less_{mode}", (2, 3, 11), mode, (4,))
        resize(f"image_{mode}", (2, 3, 4, 6), mode, (7, 9))
        resize(f"image_less_{mode}", (1, 2, 9, 7), mode, (4, 5))
        resize(f"image_double_{mode}", (2, 9, 3, 4), mode, (6, 8))
        resize(f"image_one_{mode}", (1, 2, 1, 5), mode, (4, 1))
        resize(f"volume_{mode}", (1, 2, 3, 4, 3), mode, (5, 3, 7))
        if mode != "area":
            scale(f"scale_{mode}", (1, 2, 5, 7), mode, (2.3, 0.6))
            scale(f"scale_double_{mode}", (1, 2, 3, 5), mode, (2.0, 2.0))
    for align in (0, 1):
        resize(f"cubic_{align}", (2, 3, 5, 4), "cubic", (8, 9), align)
        resize(f"cubic_less_{align}", (1, 9, 9, 7), "cubic", (4, 5), align)
        resize(f"cubic_one_{align}", (1, 2, 1, 3), "cubic", (2, 1), align)
        scale(f"cubic_scale_{align}", (1, 2, 5, 6), "cubic", (1.7, 0.7), align)
    resize("line_aligned", (2, 3, 7), "linear", (11,), 1)
    resize("image_aligned", (2, 3, 4, 6), "linear", (7, 3), 1)
    resize("image_aligned_one", (2, 3, 4, 6), "linear", (1, 8), 1)
    resize("volume_aligned", (1, 2, 3, 4, 3), "linear", (5, 3, 7), 1)
    scale("scale_aligned", (1, 2, 5, 7), "linear", (1.5, 2.2), 1)
    for r in (1, 2, 3):
        f.case(f"shuffle_{r}", {"kind": "shuffle", "r": r}, {"x": f.normal(2, 2 * r * r, 3, 4)}, lambda t: {"y": F.pixel_shuffle(t["x"], r)})
        f.case(f"unshuffle_{r}", {"kind": "unshuffle", "r": r}, {"x": f.normal(2, 3, 2 * r, 3 * r)}, lambda t: {"y": F.pixel_unshuffle(t["x"], r)})


FAMILIES = {"convolution": convolution, "pooling": pooling, "resampling": resampling}


def main():
    torch.set_num_threads(1)
    os.makedirs(DATA, exist_ok=True)
    for name in sys.argv[1:] or FAMILIES:
        family = Family(name)
        FAMILIES[name](family)
        family.write()


if __name__ == "__main__":
    main()

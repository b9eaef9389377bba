package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.internal.Owner;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The memory of a net's parameters: the trainable ones one after the other, then the others likewise. */
final class Parameters {
    private static final int ALIGNMENT = 64;

    private final List<ParameterSpec> specs;
    private final DType dtype;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Tensor trainable;
    private final Tensor others;

    Parameters(List<ParameterSpec> specs, Owner owner, DType dtype) {
        this.specs = specs;
        this.dtype = dtype;
        this.trainable = allocate(owner, true);
        this.others = allocate(owner, false);
    }

    /** Places the parameters of one sort, each at a multiple of 64 bytes; null when there are none. */
    private Tensor allocate(Owner owner, boolean trainable) {
        long elements = 0;
        Map<String, Long> offsets = new LinkedHashMap<>();
        for (ParameterSpec p : specs) {
            if (p.trainable() == trainable) {
                offsets.put(p.name(), elements);
                elements += padded(p.shape());
            }
        }
        if (elements == 0) {
            return null;
        }
        Tensor flat = Tensor.in(owner, Spec.of(dtype, Shape.of(elements))).fill(0);
        for (ParameterSpec p : specs) {
            if (p.trainable() == trainable) {
                tensors.put(p.name(), view(flat, p.shape(), offsets.get(p.name())));
            }
        }
        return flat;
    }

    private long padded(Shape shape) {
        long unit = ALIGNMENT / dtype.bytes();
        return (shape.count() + unit - 1) / unit * unit;
    }

    static Tensor view(Tensor flat, Shape shape, long offset) {
        return new Tensor(Spec.of(flat.dtype(), shape), flat.buffer(), flat.byteOffset() + offset * flat.dtype().bytes());
    }

    Tensor get(String name) {
        return tensors.get(name);
    }

    /** All in the order of the layers. */
    Map<String, Tensor> all() {
        Map<String, Tensor> ordered = new LinkedHashMap<>();
        for (ParameterSpec p : specs) {
            ordered.put(p.name(), tensors.get(p.name()));
        }
        return ordered;
    }

    void copyFrom(Parameters other) {
        if (trainable != null) {
            trainable.copyFrom(other.trainable);
        }
        if (others != null) {
            others.copyFrom(other.others);
        }
    }

    /** All trainable ones as one vector, padded; null when there are none. */
    Tensor flat() {
        return trainable;
    }

    List<String> trainableNames() {
        List<String> names = new ArrayList<>();
        for (ParameterSpec p : specs) {
            if (p.trainable()) {
                names.add(p.name());
            }
        }
        return names;
    }

    /** For each trainable one its view of another vector that is laid out like {@link #flat}. */
    Map<String, Tensor> views(Tensor flatLike) {
        Map<String, Tensor> views = new LinkedHashMap<>();
        for (String name : trainableNames()) {
            Tensor p = tensors.get(name);
            views.put(name, new Tensor(p.spec(), flatLike.buffer(), flatLike.byteOffset() + p.byteOffset() - trainable.byteOffset()));
        }
        return views;
    }

    /** The parts of {@link #flat} where those lie, neighbours in one, in their order. */
    List<Network.Range> ranges(Collection<String> names) {
        List<Network.Range> ranges = new ArrayList<>();
        long from = 0;
        long to = 0;
        for (String name : trainableNames()) {
            long end = to + padded(tensors.get(name).shape());
            if (!names.contains(name)) {
                addRange(ranges, from, to);
                from = end;
            }
            to = end;
        }
        addRange(ranges, from, to);
        return ranges;
    }

    private static void addRange(List<Network.Range> ranges, long from, long to) {
        if (to > from) {
            ranges.add(new Network.Range(from, to - from));
        }
    }
}

package dev.sinew.diagnosis;

import dev.sinew.DType;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.nn.Layer;
import java.util.Map;

/** What a layer sees that is tried by itself, in training mode at step 1. */
record LayerContext(String prefix, Map<String, Tensor> parameters, long seed) implements Layer.Context {
    @Override
    public Tensor parameter(String name) {
        Tensor tensor = parameters.get(prefix + name);
        if (tensor == null) {
            throw new IllegalArgumentException("no parameter " + prefix + name + " was declared");
        }
        return tensor;
    }

    @Override
    public boolean training() {
        return true;
    }

    @Override
    public Tensor step() {
        return Tensor.full(DType.I64, Shape.scalar(), 1);
    }

    @Override
    public Layer.Context inner(String name) {
        return new LayerContext(prefix + name + ".", parameters, Seed.of(seed).derive(name).value());
    }
}

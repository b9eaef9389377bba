package dev.sinew.onnx;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The operators by name. */
final class Operators {
    private static final Map<String, Operator> ALL = new TreeMap<>();

    static {
        ElementwiseOperators.register(ALL);
        HyperbolicOperators.register(ALL);
        ReductionOperators.register(ALL);
        ShapeOperators.register(ALL);
        IndexOperators.register(ALL);
        ConvolutionOperators.register(ALL);
        PoolingOperators.register(ALL);
        NormalizationOperators.register(ALL);
        LossOperators.register(ALL);
        ResizeOperators.register(ALL);
        RecurrentOperators.register(ALL);
        QuantizedOperators.register(ALL);
        ControlOperators.register(ALL);
    }

    private Operators() {}

    /** The names of the supported operators, in order. */
    static Set<String> names() {
        return Collections.unmodifiableSet(ALL.keySet());
    }

    static Operator find(OnnxNode node) {
        Operator operator = ALL.get(node.op());
        if (operator == null) {
            throw node.unsupported("the operator");
        }
        return operator;
    }
}

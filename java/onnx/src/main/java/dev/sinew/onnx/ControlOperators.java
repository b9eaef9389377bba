package dev.sinew.onnx;

import dev.sinew.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Graphs inside nodes. Which branch is taken and how often a loop runs must be known while tracing. */
final class ControlOperators {
    private static final int MOST_TURNS = 100_000;

    private ControlOperators() {}

    static void register(Map<String, Operator> operators) {
        operators.put("If", node -> {
            node.ignore("then_branch", "else_branch");
            return node.trace().inner(node.graph(node.number(0) != 0 ? "then_branch" : "else_branch"), List.of());
        });
        operators.put("Loop", ControlOperators::loop);
    }

    /** Inputs: the greatest number of turns, the condition, carried values. The body takes and gives them behind the condition. */
    private static List<Value> loop(OnnxNode node) {
        long turns = node.has(0) ? node.scalar(0) : Long.MAX_VALUE;
        Value condition = node.has(1) ? node.known(1) : null;
        List<Value> carried = new ArrayList<>();
        for (int i = 2; i < node.inputs(); i++) {
            carried.add(node.in(i));
        }
        int states = carried.size();
        List<List<Value>> scanned = new ArrayList<>();
        for (long t = 0; t < turns && (condition == null || condition.toDoubles()[0] != 0); t++) {
            if (t == MOST_TURNS) {
                throw node.unsupported("a loop of more than " + MOST_TURNS + " turns");
            }
            List<Value> inputs = new ArrayList<>(List.of(Value.longs(new long[] {t}),
                    condition == null ? Value.doubles(ElementType.BOOL, new double[] {1}) : condition));
            inputs.addAll(carried);
            List<Value> outputs = node.trace().inner(node.graph("body"), inputs);
            condition = node.trace().known(outputs.getFirst());
            carried = new ArrayList<>(outputs.subList(1, 1 + states));
            for (int i = 1 + states; i < outputs.size(); i++) {
                if (scanned.size() < i - states) {
                    scanned.add(new ArrayList<>());
                }
                scanned.get(i - 1 - states).add(outputs.get(i));
            }
        }
        node.ignore("body");
        List<Value> results = new ArrayList<>(carried);
        for (List<Value> parts : scanned) {
            Tensor[] rows = new Tensor[parts.size()];
            for (int i = 0; i < rows.length; i++) {
                long[] dims = parts.get(i).dims();
                long[] longer = new long[dims.length + 1];
                longer[0] = 1;
                System.arraycopy(dims, 0, longer, 1, dims.length);
                rows[i] = ShapeOperators.reshaped(node, parts.get(i), longer).carried();
            }
            if (Arrays.stream(rows).anyMatch(row -> row == null)) {
                throw node.unsupported("a scan output without elements");
            }
            results.add(Value.of(parts.getFirst().type(), rows.length == 1 ? rows[0] : Tensor.concat(0, rows)));
        }
        return results;
    }
}

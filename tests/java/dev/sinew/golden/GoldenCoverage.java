package dev.sinew.golden;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Node;
import dev.sinew.op.Op;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which operations the golden data covers: those in the graphs of its cases, gradients included. */
public final class GoldenCoverage {
    /** Families that are not one graph each, but loops of steps. */
    private static final Set<String> LOOPS = Set.of("network");

    private GoldenCoverage() {}

    /** The families of each operation. */
    @SuppressWarnings("try") // the scope frees what is read
    public static Map<Class<?>, Set<String>> families() throws IOException {
        Map<Class<?>, Set<String>> found = new LinkedHashMap<>();
        for (String family : GoldenCase.families()) {
            if (LOOPS.contains(family)) {
                continue;
            }
            for (GoldenCase given : GoldenCase.read(family)) {
                try (Scope scope = Scope.open()) {
                    operations(given).forEach(op -> found.computeIfAbsent(op.getClass(), _ -> new TreeSet<>()).add(family));
                }
            }
        }
        return found;
    }

    private static List<Op> operations(GoldenCase given) {
        if (given.hasEmptyArrays()) {
            return List.of();
        }
        Graph graph = new Graph();
        Map<String, Tensor> in = new TreeMap<>();
        given.inputs().forEach((name, array) -> {
            Tensor value = array.tensor(DType.F32);
            in.put(name, GoldenOps.isOverwritten(name) ? value : graph.input(name, value.spec()));
        });
        Map<String, Tensor> outputs;
        try {
            outputs = GoldenOps.outputs(given, in, false);
        } catch (IllegalArgumentException | AssertionError e) {
            return List.of(); // a family that GoldenTest runs in another way
        }
        String result = outputs.containsKey("loss") ? "loss" : "y";
        if (!given.gradients().isEmpty()) {
            Gradients.of(outputs.get(result), in.get("d" + result), given.gradients().keySet().stream().map(in::get).toArray(Tensor[]::new));
        }
        List<Op> ops = new ArrayList<>();
        for (Node node : graph.nodes()) {
            ops.add(node.op());
        }
        return ops;
    }
}

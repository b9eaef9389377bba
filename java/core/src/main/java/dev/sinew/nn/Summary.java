package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.graph.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The table of {@link Architecture#summary}. */
final class Summary {
    private static final Set<String> NUMBERS = Set.of("parameters", "FLOPs");

    private Summary() {}

    static String of(Architecture net, long batch) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("layer", "inputs", "output", "size", "parameters", "formula", "FLOPs"));
        for (int i = 0; i < net.nodes().size(); i++) {
            rows.add(row(net, i));
        }
        if (rows.stream().skip(1).allMatch(row -> row.get(1).isEmpty())) {
            rows.replaceAll(row -> without(row, 1));
        }
        return table(rows) + outputs(net) + totals(net, batch);
    }

    private static List<String> without(List<String> row, int i) {
        List<String> rest = new ArrayList<>(row);
        rest.remove(i);
        return rest;
    }

    private static List<String> row(Architecture net, int i) {
        Architecture.Node node = net.nodes().get(i);
        Layer layer = node.layer();
        if (layer == null) {
            return List.of(node.id(), "", node.output().toString(), "", "", "", "");
        }
        List<Shape> inputs = net.inputsOf(node);
        long count = Layers.parameters(layer, inputs).stream().filter(ParameterSpec::trainable).mapToLong(p -> p.shape().count()).sum();
        boolean shared = node.use() > 1 && count > 0;
        long flops = alone(layer, inputs).flops();
        String from = node.inputs().equals(List.of(i - 1)) ? ""
                : node.inputs().stream().map(k -> net.nodes().get(k).id()).collect(Collectors.joining(", "));
        return List.of(node.id(), from, node.output().toString(), Layers.sizeFormula(layer, inputs), count == 0 || shared ? "" : grouped(count),
                shared ? "those of " + node.name() : Layers.parameterFormula(layer, inputs), flops == 0 ? "" : grouped(flops));
    }

    /** A layer as a net. */
    private static Architecture alone(Layer layer, List<Shape> inputs) {
        GraphBuilder graph = new GraphBuilder();
        Value[] values = inputs.stream().map(shape -> graph.input(shape.dims())).toArray(Value[]::new);
        return graph.output(graph.layer(layer, values)).architecture();
    }

    private static String table(List<List<String>> rows) {
        int columns = rows.getFirst().size();
        StringBuilder text = new StringBuilder();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                boolean right = NUMBERS.contains(rows.getFirst().get(i));
                line.append(String.format(Locale.ROOT, "%" + (right ? "" : "-") + Math.max(1, widths[i]) + "s  ", row.get(i)));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    /** Which layers give the outputs; nothing where there is one, given by the last layer. */
    private static String outputs(Architecture net) {
        List<String> names = List.copyOf(net.outputs(true).keySet());
        if (names.size() == 1 && net.nodesOf(names.getFirst()).getFirst() == net.nodes().size() - 1) {
            return "";
        }
        Set<String> main = net.outputs().keySet();
        return "outputs: " + names.stream().map(name -> name + " of " + net.nodes().get(net.nodesOf(name).getFirst()).id()
                + (main.contains(name) ? "" : " (training only)")).collect(Collectors.joining(", ")) + "\n";
    }

    private static String totals(Architecture net, long batch) {
        long trainable = net.parameterCount();
        long others = net.parameters().stream().mapToLong(p -> p.shape().count()).sum() - trainable;
        long bytes = 4 * (trainable + others);
        Plan training = net.trainingPlan(batch);
        Plan inference = net.inferencePlan(1);
        return String.format(Locale.ROOT, "parameters: %s trainable%s, %s%n", grouped(trainable),
                        others == 0 ? "" : ", " + grouped(others) + " running statistics", bytes(bytes))
                + String.format(Locale.ROOT, "FLOPs: %s per sample forward, %s per sample and training step%n", grouped(inference.flops()),
                        grouped(training.flops() / batch))
                + String.format(Locale.ROOT, "planned memory: training with batch %d %s (workspace with gradients %s, parameters %s; an"
                        + " optimiser adds %s per state), inference of one sample %s%n", batch,
                        bytes(training.workspaceBytes() + bytes), bytes(training.workspaceBytes()), bytes(bytes), bytes(4 * trainable),
                        bytes(inference.workspaceBytes() + bytes));
    }

    private static String grouped(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String bytes(long n) {
        return n < 10_000 ? n + " B" : n < 10_000_000 ? String.format(Locale.ROOT, "%.1f kB", n / 1e3) : String.format(Locale.ROOT, "%.1f MB", n / 1e6);
    }
}

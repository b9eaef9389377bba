package dev.sinew.app;

import dev.sinew.DType;
import dev.sinew.Peak;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import dev.sinew.graph.OperationTime;
import dev.sinew.graph.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Each operation's time beside what the machine allows at best: the longer of its floating-point operations at the peak
 * and its bytes at the speed of a copy (Williams, Waterman, Patterson 2009).
 *
 * @param peak what the machine does at best
 * @param callSeconds what calling an operation costs that has next to nothing to do
 */
record Roofline(Peak peak, double callSeconds) {
    private static final int CALLS = 20_001;

    /** What bounds an operation. */
    enum Bound {
        COMPUTE, MEMORY, OVERHEAD
    }

    /** Measures the machine. */
    static Roofline measure() {
        Graph graph = new Graph();
        Tensor one = graph.input("one", Spec.of(DType.F32, Shape.of(1)));
        try (var _ = Scope.open(); Plan plan = Plan.compile(graph, one.add(one))) {
            double call = plan.profile(CALLS, Tensor.of(new float[1], 1)).getFirst().seconds();
            return new Roofline(Peak.measure(), call);
        }
    }

    /** Overhead where the machine could do the work in less time than a call costs. */
    Bound bound(long flops, long bytes) {
        double compute = flops / peak.flops();
        double memory = bytes / peak.copyBytes();
        return Math.max(compute, memory) < callSeconds ? Bound.OVERHEAD : compute >= memory ? Bound.COMPUTE : Bound.MEMORY;
    }

    /**
     * The operations in their order, and their sum.
     *
     * @param whole seconds of a run that is not taken apart
     */
    String table(String title, List<OperationTime> operations, double whole) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {title, "output", "us", "of all", "GFLOP/s", "of peak", "GB/s", "of copy", "bound by"});
        double seconds = operations.stream().mapToDouble(OperationTime::seconds).sum();
        for (OperationTime o : operations) {
            rows.add(row(o.operation(), o.outputs().isEmpty() ? o.inputs().getFirst().shape().toString() : o.outputs().getFirst().shape().toString(),
                    o.seconds(), seconds, o.flops(), o.bytes(), Choice.id(bound(o.flops(), o.bytes()))));
        }
        rows.add(row("sum", "", seconds, seconds, operations.stream().mapToLong(OperationTime::flops).sum(),
                operations.stream().mapToLong(OperationTime::bytes).sum(), ""));
        boolean beyond = operations.stream().anyMatch(o -> o.flops() / o.seconds() > peak.flops() || o.bytes() / o.seconds() > peak.copyBytes());
        return aligned(rows) + String.format(Locale.ROOT, "One call for all of them takes %.1f us.%n", whole * 1e6)
                + (beyond ? String.format("Above 100 %%: minimal filtering multiplies less often than is counted; caches are faster than memory.%n") : "");
    }

    private String[] row(String name, String output, double seconds, double all, long flops, long bytes, String bound) {
        double flopRate = flops / seconds;
        double byteRate = bytes / seconds;
        return new String[] {name, output, String.format(Locale.ROOT, "%.1f", seconds * 1e6), percent(seconds / all),
            flops == 0 ? "" : String.format(Locale.ROOT, "%.1f", flopRate / 1e9), flops == 0 ? "" : percent(flopRate / peak.flops()),
            String.format(Locale.ROOT, "%.1f", byteRate / 1e9), percent(byteRate / peak.copyBytes()), bound};
    }

    private static String percent(double part) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * part);
    }

    /** Words at the left edge of their columns, numbers at the right. */
    static String aligned(List<String[]> rows) {
        int[] widths = new int[rows.getFirst().length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                boolean word = i < 2 || i == 8;
                line.append(String.format("%" + (word ? "-" : "") + Math.max(1, widths[i]) + "s  ", row[i]));
            }
            text.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }
}

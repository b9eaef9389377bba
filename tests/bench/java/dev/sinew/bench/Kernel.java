package dev.sinew.bench;

import dev.sinew.Cpu;
import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;

/** Something to measure: a compiled plan with its inputs, whose results were compared with those of the generic kernels. */
final class Kernel implements AutoCloseable {
    /** Relative to the largest element of a result: rounding stays well below, a wrong kernel does not. */
    private static final double TOLERANCE = 1e-3;

    private final Plan plan;
    private final Tensor[] inputs;
    private final int outputs;
    private final double bytes;

    private Kernel(Plan plan, Tensor[] inputs, int outputs, double bytes) {
        this.plan = plan;
        this.inputs = inputs;
        this.outputs = outputs;
        this.bytes = bytes;
    }

    /**
     * Compiles and checks.
     *
     * @param state what the operations overwrite; it is put back after the check
     * @param inputs what they read
     * @param body applies them to symbols for the inputs
     * @throws IllegalStateException when the kernels of this instruction set give other results than the generic ones
     */
    static Kernel of(List<Tensor> state, List<Tensor> inputs, Function<Tensor[], Tensor[]> body) {
        List<Tensor> before = state.stream().map(Tensor::copy).toList();
        Cpu.Isa isa = Cpu.isa();
        List<double[]> expected;
        Cpu.setMaxIsa(Cpu.Isa.GENERIC);
        // a plan of its own: how much scratch memory an operation needs depends on the instruction set
        try (Kernel generic = compile(state, inputs, body)) {
            expected = generic.results(state);
        } finally {
            Cpu.setMaxIsa(isa);
        }
        restore(state, before);
        Kernel kernel = compile(state, inputs, body);
        List<double[]> actual = kernel.results(state);
        restore(state, before);
        for (int i = 0; i < expected.size(); i++) {
            compare(i, actual.get(i), expected.get(i));
        }
        return kernel;
    }

    static Kernel of(List<Tensor> inputs, Function<Tensor[], Tensor[]> body) {
        return of(List.of(), inputs, body);
    }

    private static Kernel compile(List<Tensor> state, List<Tensor> inputs, Function<Tensor[], Tensor[]> body) {
        Graph graph = new Graph();
        Tensor[] symbols = inputs.stream().map(input -> graph.input("input", input.spec())).toArray(Tensor[]::new);
        Tensor[] results = body.apply(symbols);
        // the state is read and written
        double bytes = Stream.of(Stream.of(results), inputs.stream(), state.stream(), state.stream()).flatMap(all -> all)
                .mapToDouble(tensor -> tensor.spec().bytes()).sum();
        return new Kernel(Plan.compile(graph, results), inputs.toArray(Tensor[]::new), results.length, bytes);
    }

    private List<double[]> results(List<Tensor> state) {
        plan.run(inputs);
        List<double[]> results = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            results.add(plan.output(i).toDoubles());
        }
        state.forEach(tensor -> results.add(tensor.toDoubles()));
        return results;
    }

    private static void restore(List<Tensor> state, List<Tensor> before) {
        for (int i = 0; i < state.size(); i++) {
            state.get(i).copyFrom(before.get(i));
        }
    }

    private static void compare(int result, double[] actual, double[] expected) {
        double largest = 0;
        for (double value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            // written so that NaN fails
            if (!(Math.abs(actual[i] - expected[i]) <= TOLERANCE * largest)) {
                throw new IllegalStateException("result " + result + ", element " + i + ": " + Cpu.isa() + " gives " + actual[i]
                        + ", generic " + expected[i]);
            }
        }
    }

    void run() {
        plan.run(inputs);
    }

    /** 1e9 floating-point operations that a run does. */
    double gflop() {
        return plan.flops() / 1e9;
    }

    /** 1e9 bytes that a run must at least read and write. */
    double gbyte() {
        return bytes / 1e9;
    }

    @Override
    public void close() {
        plan.close();
    }

    // ---- inputs ----

    /** Numbers from -1 to 1. */
    static Tensor random(long... shape) {
        Spec spec = Spec.of(DType.F32, Shape.of(shape));
        float[] values = new float[(int) spec.shape().count()];
        SplittableRandom random = new SplittableRandom(values.length);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return Tensor.of(values, shape);
    }

    /** Labels from 0 up to {@code classes}. */
    static Tensor labels(int rows, int classes) {
        return Tensor.of(new SplittableRandom(rows).ints(rows, 0, classes).toArray(), rows);
    }
}

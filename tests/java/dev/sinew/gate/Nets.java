package dev.sinew.gate;

import dev.sinew.Cpu;
import dev.sinew.DType;
import dev.sinew.Peak;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Plan;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Elementwise;
import dev.sinew.nn.Layer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Normalize;
import dev.sinew.op.Unary;
import dev.sinew.optim.Sgd;
import dev.sinew.train.TrainStep;
import dev.sinew.train.Trainer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** Whole nets: what the kernels' figures do not show, such as fusion, the plan's memory and the cost of a call. */
record Nets(String isa, int threads, double seconds, String machine) implements Part {
    static final String PREFIX = "net ";
    /** Times shorter than this are taken in groups. */
    private static final double SHORTEST = 1e-3;
    private static final double WARM_UP = 0.7;

    /** A net with the work that is timed. */
    private record Net(String name, boolean training, int batch, Shape input, int classes) {
        Network.Builder build() {
            Network.Builder net = Network.input(input.dims());
            return switch (name.substring(PREFIX.length(), name.indexOf(',')).strip()) {
                case "mlp" -> net.dense(512).tanh().dense(512).tanh().dense(classes);
                case "lenet" -> net.conv(6, 5, 2).tanh().avgPool(2).conv(16, 5, 0).tanh().avgPool(2).dense(120).tanh().dense(84).tanh().dense(classes);
                case "cnn" -> normalised(normalised(normalised(normalised(net, 32), 32).maxPool(2), 64), 64).maxPool(2).dense(128).relu().dense(classes);
                case "residual" -> residual(residual(normalised(net, 16), 16), 16).globalAvgPool().dense(classes);
                case "tiny" -> net.dense(4).tanh().dense(classes);
                default -> throw new IllegalStateException(name);
            };
        }

        private static Network.Builder normalised(Network.Builder net, long channels) {
            return net.layer(Conv.of(channels, 3).pad(1).noBias()).batchNorm().relu();
        }

        private static Network.Builder residual(Network.Builder net, long channels) {
            Layer relu = new Elementwise(Unary.of(Unary.Kind.RELU));
            return net.residual(List.of(Conv.of(channels, 3).pad(1).noBias(), Normalize.standard(), relu, Conv.of(channels, 3).pad(1).noBias(),
                    Normalize.standard()), List.of()).relu();
        }
    }

    private static final List<Net> NETS = List.of(
            new Net(PREFIX + "mlp, training step", true, 128, Shape.of(784), 10),
            new Net(PREFIX + "lenet, training step", true, 128, Shape.of(1, 28, 28), 10),
            new Net(PREFIX + "cnn, training step", true, 32, Shape.of(1, 28, 28), 10),
            new Net(PREFIX + "residual, training step", true, 32, Shape.of(3, 32, 32), 10),
            new Net(PREFIX + "tiny, training step", true, 4, Shape.of(2), 2),
            new Net(PREFIX + "cnn, inference", false, 32, Shape.of(1, 28, 28), 10),
            new Net(PREFIX + "residual, inference of one", false, 1, Shape.of(3, 32, 32), 10));

    @Override
    public String title() {
        return "whole nets, " + isa;
    }

    @Override
    public String file() {
        return isa + ".json";
    }

    @Override
    public double narrowest() {
        return 0.08;
    }

    @Override
    public int repeats() {
        return 3;
    }

    @Override
    public boolean owns(String name) {
        return name.startsWith(PREFIX);
    }

    @Override
    public List<Measured> measure(Set<String> names) {
        List<Measured> result = new ArrayList<>();
        int before = Cpu.threads();
        Cpu.setThreads(threads);
        try {
            for (Net net : NETS) {
                if (names.isEmpty() || names.contains(net.name)) {
                    result.add(measure(net));
                }
            }
        } finally {
            Cpu.setThreads(before);
        }
        return result;
    }

    private Measured measure(Net net) {
        Cpu.Isa isa = Cpu.isa();
        Cpu.setMaxIsa(Cpu.Isa.GENERIC);
        double expected;
        try {
            expected = with(net, (body, _) -> body.getAsDouble());
        } finally {
            Cpu.setMaxIsa(isa);
        }
        return with(net, (body, flops) -> {
            double actual = body.getAsDouble();
            if (!(Math.abs(actual - expected) <= 1e-3 * (1 + Math.abs(expected)))) {
                throw new IllegalStateException(net.name + ": " + isa + " gives " + actual + ", generic " + expected);
            }
            return time(net, body, flops);
        });
    }

    /** What is done with a net's run, which returns a number that depends on all of it, and its floating-point operations. */
    private interface Use<T> {
        T of(DoubleSupplier body, double flops);
    }

    private static <T> T with(Net net, Use<T> use) {
        try (var _ = Scope.open(); Network network = net.build().build(Seed.of(1))) {
            SplittableRandom random = new SplittableRandom(1);
            Spec spec = Spec.of(DType.F32, net.input.withFirst(net.batch));
            float[] numbers = new float[(int) spec.shape().count()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (float) random.nextDouble();
            }
            Tensor x = Tensor.empty(spec).copyFrom(numbers);
            if (net.training) {
                Tensor labels = Tensor.of(random.ints(net.batch, 0, net.classes).toArray(), net.batch);
                try (TrainStep step = Trainer.of(network, Loss.crossEntropy(), Sgd.rate(1e-3)).compile(net.batch)) {
                    return use.of(() -> step.step(x, labels, 1e-3), step.plan().flops());
                }
            }
            try (Plan plan = network.inference(net.batch)) {
                return use.of(() -> {
                    plan.run(x);
                    return plan.output(0).item(0);
                }, plan.flops());
            }
        }
    }

    private Measured time(Net net, DoubleSupplier body, double flops) {
        long started = System.nanoTime();
        int calls = 0;
        for (; since(started) < WARM_UP; calls++) {
            body.getAsDouble();
        }
        int group = (int) Math.ceil(SHORTEST * calls / since(started));
        List<double[]> rounds = new ArrayList<>();
        started = System.nanoTime();
        while (since(started) < seconds || rounds.size() < 5) {
            double before = Peak.flopsNow();
            long begun = System.nanoTime();
            for (int i = 0; i < group; i++) {
                body.getAsDouble();
            }
            double rate = flops * group / since(begun);
            rounds.add(new double[] {rate, rate / Math.max(before, Peak.flopsNow())});
        }
        double ratio = median(rounds, 1);
        return new Measured(net.name, net.batch + " of " + net.input, isa, threads, median(rounds, 0) / 1e9, "GFLOP/s", ratio, "fma", ratio);
    }

    private static double median(List<double[]> rounds, int column) {
        double[] values = rounds.stream().mapToDouble(round -> round[column]).toArray();
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}

package dev.sinew.app;

import dev.sinew.Cpu;
import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Peak;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.data.Dataset;
import dev.sinew.data.FashionMnist;
import dev.sinew.data.transform.Draw;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.op.Conv2d;
import dev.sinew.op.Conv2dInputGradient;
import dev.sinew.op.Conv2dWeightGradient;
import dev.sinew.op.Op;
import dev.sinew.op.Ops;
import dev.sinew.op.Window2d;
import dev.sinew.optim.Sgd;
import dev.sinew.train.TrainStep;
import dev.sinew.train.Trainer;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sinew bench}. */
@Command(name = "bench", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        description = {"Time training steps, inference and convolutions: medians, and their share of the peak that is measured first.",
            "Training reads the loss of every step. mlp, lenet and cnn train on Fashion-MNIST, the others on random numbers."})
final class BenchCommand implements Callable<Integer> {
    private static final int MOST_GARMENTS = 60_000;
    private static final double MOST_CONV_SECONDS = 1.5;
    private static final String ROW = "%-26s %-28s %10s %12s %9s %9s%n";

    @CommandLine.Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "WORKLOAD", arity = "1..*", description = "Of ${COMPLETION-CANDIDATES}.")
    private List<Workload> workloads;

    @Option(names = "--tsv", description = {"Lines of workload, sinew, metric and value between tabs.",
        "first_step_ms: from the start of the JVM to the end of the first workload's first training step."})
    private boolean tsv;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "3", description = "Time to spend on each figure. Default: ${DEFAULT-VALUE}.")
    private double seconds;

    @Option(names = "--data-dir", paramLabel = "FOLDER", description = "Where the files of Fashion-MNIST are.")
    private Path folder;

    @Mixin
    private Threads threads;

    private final SplittableRandom random = new SplittableRandom(1);
    private PrintWriter out;
    private Timing timing;
    /** The peak for each number of threads. */
    private final Map<Integer, Double> peakFlops = new HashMap<>();

    @Override
    public Integer call() throws IOException {
        if (!(seconds > 0 && seconds <= 3600)) {
            throw new UserError("--seconds must be above 0 and at most 3600, not " + seconds);
        }
        threads.apply();
        out = spec.commandLine().getOut();
        timing = new Timing(seconds);
        if (!tsv) {
            Peak peak = Peak.measure();
            peakFlops.put(Cpu.threads(), peak.flops());
            out.printf(Locale.ROOT, "%s, %s, %s: multiply-adds %.0f GFLOP/s, copy %.1f GB/s%n%n", Cpu.name(), Cpu.isa(), Threads.text(),
                    peak.flops() / 1e9, peak.copyBytes() / 1e9);
            out.printf(ROW, "workload", "what", "ms", "samples/s", "GFLOP/s", "of peak");
            out.flush();
        }
        for (Workload workload : workloads) {
            switch (workload) {
                case XOR -> xor();
                case CONV -> convolutions();
                default -> {
                    try (Network network = workload.build().build(Seed.of(1))) {
                        train(workload, network);
                        infer(workload, network);
                    }
                }
            }
        }
        return 0;
    }

    private void emit(String workload, String metric, double value) {
        if (tsv) {
            String format = Math.abs(value) >= 1000 ? "%.0f" : Math.abs(value) >= 10 ? "%.2f" : "%.4f";
            out.println(workload + "\tsinew\t" + metric + "\t" + String.format(format, value));
            out.flush();
        }
    }

    /** A line of the table. */
    private void row(String workload, String what, long samples, double seconds, long flops) {
        if (!tsv) {
            double peak = peakFlops.computeIfAbsent(Cpu.threads(), _ -> Peak.measure().flops());
            out.printf(Locale.ROOT, ROW, workload, what, String.format(Locale.ROOT, seconds < 1e-4 ? "%.5f" : "%.3f", seconds * 1e3),
                    String.format(Locale.ROOT, "%,.0f", samples / seconds), String.format(Locale.ROOT, "%.1f", flops / seconds / 1e9),
                    String.format(Locale.ROOT, "%.1f %%", 100 * flops / seconds / peak));
            out.flush();
        }
    }

    // ---- nets ----

    private record Batch(Tensor x, Tensor y) {}

    private void train(Workload workload, Network network) throws IOException {
        int n = workload.batch();
        try (var _ = Scope.open();
                TrainStep step = Trainer.of(network, Loss.crossEntropy(), Sgd.rate(workload.rate())).compile(n)) {
            if (tsv && workload == workloads.getFirst()) {
                Batch batch = random(workload);
                step.step(batch.x, batch.y, workload.rate());
                long end = System.nanoTime();
                // the answer takes time of its own, that of loading who gives it
                long uptime = ManagementFactory.getRuntimeMXBean().getUptime();
                emit(workload.toString(), "first_step_ms", uptime - (System.nanoTime() - end) / 1e6);
            }
            Batch[] batches = workload.onGarments() ? garments(workload) : new Batch[] {random(workload)};
            int[] next = {0};
            double time = timing.median(() -> {
                Batch batch = batches[next[0]++ % batches.length];
                step.step(batch.x, batch.y, workload.rate());
            });
            emit(workload.toString(), "train_ms", time * 1e3);
            emit(workload.toString(), "train_samples_s", n / time);
            row(workload.toString(), "training step of " + n, n, time, step.plan().flops());
        }
    }

    /** The training images in batches, pixels from 0 to 1; random ones where they are not installed. */
    private Batch[] garments(Workload workload) throws IOException {
        Dataset data;
        try {
            data = folder == null ? FashionMnist.load().train() : FashionMnist.load(folder).train();
        } catch (FileNotFoundException e) {
            spec.commandLine().getErr().println("sinew: " + workload + " is timed on random numbers: " + e.getMessage());
            return new Batch[] {random(workload)};
        }
        int n = workload.batch();
        Batch[] batches = new Batch[(int) Math.min(MOST_GARMENTS, data.size()) / n];
        for (int b = 0; b < batches.length; b++) {
            float[] pixels = new float[n * (int) data.inputShape().count()];
            int[] labels = new int[n];
            FloatBuffer buffer = FloatBuffer.wrap(pixels);
            for (int i = 0; i < n; i++) {
                data.read((long) b * n + i, buffer);
                labels[i] = data.label((long) b * n + i);
            }
            // one channel, whatever the number of rows
            pixels = Data.FASHION_MNIST.scale().undo().apply(pixels, data.inputShape(), Draw.of(Seed.of(0), 0));
            batches[b] = new Batch(Tensor.of(pixels, workload.input().withFirst(n).dims()), Tensor.of(labels, n));
        }
        return batches;
    }

    private Batch random(Workload workload) {
        int[] labels = new int[workload.batch()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (int) (i * 7919L % workload.classes());
        }
        return new Batch(values(Spec.of(DType.F32, workload.input().withFirst(labels.length))), Tensor.of(labels, labels.length));
    }

    private Tensor values(Spec like) {
        float[] numbers = new float[(int) like.shape().count()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextDouble();
        }
        return Tensor.empty(like).copyFrom(numbers);
    }

    private void infer(Workload workload, Network network) {
        for (int n : workload.inferenceBatches()) {
            try (var _ = Scope.open(); Plan plan = network.inference(n)) {
                Tensor x = values(Spec.of(DType.F32, workload.input().withFirst(n)));
                double time = timing.median(() -> plan.run(x));
                emit(workload.toString(), "infer_b" + n + "_ms", time * 1e3);
                emit(workload.toString(), "infer_b" + n + "_samples_s", n / time);
                row(workload.toString(), "inference of " + n, n, time, plan.flops());
            }
        }
    }

    private void xor() {
        int before = Cpu.threads();
        for (int number : new int[] {1, 2}) {
            Cpu.setThreads(number);
            try (var _ = Scope.open(); Network network = Workload.XOR.build().build(Seed.of(1))) {
                Tensor x = Tensor.of(new float[] {0, 0, 0, 1, 1, 0, 1, 1}, 4, 2);
                Tensor y = Tensor.of(new float[] {0, 1, 1, 0}, 4, 1);
                try (TrainStep step = Trainer.of(network, Loss.meanSquaredError(), Sgd.rate(Workload.XOR.rate())).compile(4)) {
                    double time = timing.median(() -> step.step(x, y, Workload.XOR.rate()));
                    emit("xor", "steps_s_t" + number, 1 / time);
                    emit("xor", "step_us_t" + number, time * 1e6);
                    row("xor", "training step of 4, " + Threads.text(), 4, time, step.plan().flops());
                }
                try (Plan plan = network.inference(4)) {
                    double time = timing.median(() -> plan.run(x));
                    emit("xor", "infer_us_t" + number, time * 1e6);
                    row("xor", "inference of 4, " + Threads.text(), 4, time, plan.flops());
                }
            }
        }
        Cpu.setThreads(before);
    }

    // ---- convolutions ----

    private record Layer(int n, int in, int out, int kernel, int stride, int pad, int size) {
        String label() {
            return "conv_" + in + "-" + out + "_" + kernel + "x" + kernel + (stride == 1 ? "" : "s" + stride) + "_" + size + "_n" + n;
        }
    }

    private static final List<Layer> LAYERS = List.of(new Layer(8, 3, 64, 3, 1, 1, 224), new Layer(32, 64, 64, 3, 1, 1, 56),
            new Layer(32, 128, 128, 3, 1, 1, 28), new Layer(32, 256, 256, 3, 1, 1, 14), new Layer(32, 512, 512, 3, 1, 1, 7),
            new Layer(32, 64, 256, 1, 1, 0, 56), new Layer(8, 3, 64, 7, 2, 3, 224), new Layer(128, 1, 6, 5, 1, 2, 28),
            new Layer(128, 16, 16, 3, 1, 1, 32));

    private void convolutions() {
        Timing each = new Timing(Math.min(MOST_CONV_SECONDS, seconds));
        for (Layer layer : LAYERS) {
            Window2d window = Window2d.of(layer.kernel).stride(layer.stride).pad(layer.pad);
            Shape weight = Shape.of(layer.out, layer.in, layer.kernel, layer.kernel);
            Spec x = new Spec(DType.F32, Shape.of(layer.n, layer.in, layer.size, layer.size), Layout.CHANNELS_LAST);
            long side = window.outH(layer.size, false);
            Spec y = new Spec(DType.F32, Shape.of(layer.n, layer.out, side, side), Layout.CHANNELS_LAST);
            Spec w = Spec.of(DType.F32, weight);
            convolution(each, layer, "fwd_gflops", "forward", new Conv2d(window, 1), x, w);
            convolution(each, layer, "bwd_data_gflops", "input gradient", new Conv2dInputGradient(window, 1, x.shape()), y, w);
            convolution(each, layer, "bwd_weights_gflops", "weight gradient", new Conv2dWeightGradient(window, 1, weight, false), x, y);
        }
    }

    /** A plan of one operation. */
    private void convolution(Timing each, Layer layer, String metric, String what, Op op, Spec... specs) {
        Graph graph = new Graph();
        Tensor result = Ops.apply(op, graph.input("a", specs[0]), graph.input("b", specs[1]));
        try (var _ = Scope.open(); Plan plan = Plan.compile(graph, result)) {
            Tensor a = values(specs[0]);
            Tensor b = values(specs[1]);
            double time = each.median(() -> plan.run(a, b));
            emit(layer.label(), metric, plan.flops() / time / 1e9);
            row(layer.label(), what, layer.n, time, plan.flops());
        }
    }
}

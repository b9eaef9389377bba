package dev.sinew.app;

import dev.sinew.Cpu;
import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.graph.Plan;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import dev.sinew.train.TrainStep;
import dev.sinew.train.Trainer;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sinew summary}. */
@Command(name = "summary", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        description = "Print a net's layers with sizes, parameters, FLOPs and memory, each with its formula.")
final class SummaryCommand implements Callable<Integer> {
    /** For each of the figures. */
    private static final double SECONDS = 0.5;
    /** So small that the weights stay numbers, however long it takes. */
    private static final double RATE = 1e-6;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Model model;

    @Option(names = "--input", paramLabel = "CxHxW", defaultValue = "1x28x28", description = "The shape of one image. Default: ${DEFAULT-VALUE}.")
    private Shape input;

    @Option(names = "--classes", paramLabel = "N", defaultValue = "10", description = "Default: ${DEFAULT-VALUE}.")
    private int classes;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "128",
            description = "Samples per training step, for the memory. Default: ${DEFAULT-VALUE}.")
    private long batch;

    @Option(names = "--profile", description = "Also run a training step and inference on random numbers, time each operation, and print a roofline:"
            + " its share of the peak and of a copy's speed, measured on the spot.")
    private boolean profile;

    @Mixin
    private Threads threads;

    @Override
    public Integer call() {
        if (batch < 1) {
            throw new UserError("--batch must be at least 1, not " + batch);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(model.build(input, classes).architecture().summary(batch));
        out.flush();
        if (profile) {
            threads.apply();
            try (Network network = model.build(input, classes).build(Seed.of(1))) {
                profile(network, out);
            }
        }
        return 0;
    }

    private void profile(Network network, PrintWriter out) {
        Roofline roofline = Roofline.measure();
        out.printf(Locale.ROOT, "%n%s, %s, %s: multiply-adds %.0f GFLOP/s, copy %.1f GB/s, a call %.2f us%n", Cpu.name(), Cpu.isa(), Threads.text(),
                roofline.peak().flops() / 1e9, roofline.peak().copyBytes() / 1e9, roofline.callSeconds() * 1e6);
        Timing timing = new Timing(SECONDS);
        int n = Math.toIntExact(batch);
        SplittableRandom random = new SplittableRandom(1);
        try (var _ = Scope.open();
                TrainStep step = Trainer.of(network, Loss.crossEntropy(), Sgd.rate(RATE)).compile(n);
                Plan inference = network.inference(n)) {
            dev.sinew.Spec images = dev.sinew.Spec.of(DType.F32, input.withFirst(n));
            float[] pixels = new float[Math.toIntExact(images.shape().count())];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (float) random.nextDouble();
            }
            Tensor x = Tensor.empty(images).copyFrom(pixels);
            Tensor labels = Tensor.of(random.ints(n, 0, classes).toArray(), n);
            double whole = timing.median(() -> step.step(x, labels, RATE));
            out.print(System.lineSeparator() + roofline.table("training step of " + n, step.plan().profile(runs(whole), x, labels), whole));
            out.flush();
            double inferred = timing.median(() -> inference.run(x));
            out.print(System.lineSeparator() + roofline.table("inference of " + n, inference.profile(runs(inferred), x), inferred));
            out.flush();
        }
    }

    private static int runs(double seconds) {
        return (int) Math.clamp(SECONDS / seconds, 5, 1001);
    }
}

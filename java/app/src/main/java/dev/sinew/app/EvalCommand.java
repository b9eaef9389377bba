package dev.sinew.app;

import dev.sinew.Seed;
import dev.sinew.data.Dataset;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.train.Evaluation;
import dev.sinew.train.Evaluator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sinew eval}. */
@Command(name = "eval", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        description = "Measure trained weights on the test part of a data set.")
final class EvalCommand implements Callable<Integer> {
    private static final int TOP = 5;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Model model;

    @Option(names = "--data", paramLabel = "DATA", required = true, description = "One of ${COMPLETION-CANDIDATES}.")
    private Data data;

    @Option(names = "--data-dir", paramLabel = "FOLDER", description = "Where the data set's files are.")
    private Path folder;

    @Option(names = "--weights", paramLabel = "FILE", required = true,
            description = "model.safetensors, or a checkpoint, of 'sinew train'.")
    private Path weights;

    @Mixin
    private Threads threads;

    @Override
    public Integer call() throws IOException {
        threads.apply();
        int side = data == Data.FOLDER ? (int) SavedModel.input(weights, SavedModel.metadata(weights)).dim(1) : 0;
        Dataset test = data.load(folder, side).test();
        try (Network network = model.build(test.inputShape(), test.classes()).build(Seed.of(0))) {
            SavedModel.read(weights, network, model);
            print(spec.commandLine().getOut(), Evaluator.evaluate(network, Loss.crossEntropy(), test), test);
        }
        return 0;
    }

    private static void print(PrintWriter out, Evaluation evaluation, Dataset test) {
        out.print(evaluation.confusionMatrix().report(test.classNames()));
        if (test.classes() > TOP) {
            out.printf("top-%d accuracy %.4f%n", TOP, evaluation.topK(TOP));
        }
        out.printf("test loss %.4f%n", evaluation.loss());
        out.printf("test accuracy %.4f%n", evaluation.accuracy());
        out.flush();
    }
}

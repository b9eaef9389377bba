package dev.sinew.app;

import dev.sinew.Seed;
import dev.sinew.data.Dataset;
import dev.sinew.data.Split;
import dev.sinew.diagnosis.TrainingDoctor;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.train.Evaluation;
import dev.sinew.train.Evaluator;
import dev.sinew.train.Trainer;
import dev.sinew.train.Training;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sinew train}. */
@Command(name = "train", mixinStandardHelpOptions = true, versionProvider = Main.Version.class, sortOptions = false, abbreviateSynopsis = true,
        description = {"Train a net, measure it on the test data, and write weights, numbers and a report.",
            "Whatever is not given is set to what works well for that net and data."})
final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Model model;

    @Option(names = "--data", paramLabel = "DATA", required = true, description = "One of ${COMPLETION-CANDIDATES}.")
    private Data data;

    @Option(names = "--data-dir", paramLabel = "FOLDER", description = "Where the data set's files are.")
    private Path folder;

    @Option(names = "--image-size", paramLabel = "N", defaultValue = "64",
            description = "Height and width of the images of --data folder: the middle of each is cut out. Default: ${DEFAULT-VALUE}.")
    private int side;

    @ArgGroup(exclusive = false, heading = "%nHow to train%n")
    private RecipeOptions options = new RecipeOptions();

    @Option(names = "--validation", paramLabel = "SHARE", defaultValue = "0.1",
            description = "Share of the training data held out to measure on after every epoch; 0: none. Default: ${DEFAULT-VALUE}.")
    private double validation;

    @Option(names = "--early-stopping", paramLabel = "EPOCHS",
            description = "End when the validation loss has not fallen for so many epochs, and go back to the best weights.")
    private Integer patience;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0",
            description = "Any integer: the same one gives the same weights. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private Threads threads;

    @Option(names = "--workers", paramLabel = "N", defaultValue = "1",
            description = "Threads that read the data ahead. Default: ${DEFAULT-VALUE}.")
    private int workers;

    @Option(names = "--out", paramLabel = "FOLDER",
            description = "Where report.html, metrics.json, model.safetensors and checkpoints go. Default: run/MODEL-DATA.")
    private Path out;

    @Option(names = "--checkpoint-every", paramLabel = "STEPS", defaultValue = "0",
            description = "A checkpoint also every so many steps; there is one after every epoch, and the newest three are kept.")
    private long checkpointEvery;

    @Option(names = "--resume", paramLabel = "FILE",
            description = "Go on from a checkpoint of the same command: the weights come out the same as without the interruption.")
    private Path resume;

    @Option(names = "--progress", negatable = true,
            description = "Draw a progress bar, or do not. Default: when standard error is a terminal.")
    private Boolean progress;

    @Option(names = "--check", description = "Train nothing: look for mistakes in data, net, loss and learning rate, on copies. Exit code 1 when there are some.")
    private boolean check;

    @Option(names = "--json", paramLabel = "FILE", description = "Write metrics.json there too.")
    private Path json;

    @Override
    public Integer call() throws IOException {
        if (!(validation >= 0 && validation < 1)) {
            throw new UserError("--validation must be from 0 up to 1, not " + validation);
        }
        if (resume != null && !Files.isRegularFile(resume)) {
            throw new UserError("--resume: there is no file " + resume);
        }
        if (workers < 1 || workers > 256) {
            throw new UserError("--workers must be from 1 to 256, not " + workers);
        }
        threads.apply();
        Recipe recipe = options.over(Recipe.of(model, data));
        // what is wrong with the numbers is said before anything is read
        recipe.optimizer();
        recipe.loss();
        if (side < 1 || side > 4096) {
            throw new UserError("--image-size must be from 1 to 4096, not " + side);
        }
        Split split = data.load(folder, side);
        Path target = out != null ? out : Path.of("run", model + "-" + data);
        makeFolder(target);
        Seed root = Seed.of(seed);
        Split parts = validation == 0 ? new Split(split.train(), split.test())
                : split.train().split(1 - validation, root.derive("validation").value());
        Dataset held = validation == 0 ? null : parts.test();
        try (Network network = model.build(split.train().inputShape(), split.train().classes()).build(root)) {
            PrintWriter printer = spec.commandLine().getOut();
            printer.printf("%s on %s: %,d parameters, %,d training, %,d validation and %,d test samples%n", model, data,
                    network.architecture().parameterCount(), parts.train().size(), held == null ? 0 : held.size(), split.test().size());
            printer.flush();
            if (check) {
                return examine(network, recipe, parts.train(), held, printer);
            }
            long started = System.nanoTime();
            Training training = train(network, recipe, recipe.varied(parts.train(), data, root), held, target, printer);
            double seconds = (System.nanoTime() - started) / 1e9;
            // plain cross-entropy, whatever the training smoothed
            Evaluation test = Evaluator.evaluate(network, Loss.crossEntropy(), split.test());
            Run run = new Run(model, data, recipe, seed, validation, network, training.history(), split.test(), test, seconds,
                    spec.commandLine().getParseResult().originalArgs());
            write(run, target);
            printer.println("report " + target.resolve("report.html"));
            printer.printf("test accuracy %.4f%n", test.accuracy());
            printer.println("weights sha256 " + network.sha256());
            printer.flush();
        }
        return 0;
    }

    private static int examine(Network network, Recipe recipe, Dataset train, Dataset held, PrintWriter printer) {
        TrainingDoctor doctor = TrainingDoctor.of(network, recipe.loss(), recipe.optimizer()).batch(recipe.batch()).epochs(recipe.epochs());
        TrainingDoctor.Report report = (held == null ? doctor : doctor.validation(held)).check(train);
        printer.println(report);
        printer.flush();
        return report.isHealthy() ? 0 : Main.FAILED;
    }

    private static void makeFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UserError("--out: the folder " + folder + " cannot be made: " + e, e);
        }
    }

    private Training train(Network network, Recipe recipe, Dataset train, Dataset held, Path target, PrintWriter printer) {
        boolean drawn = progress != null ? progress : Terminal.showsErrors();
        try (Progress shown = new Progress(printer, network, train.size(), recipe.batch(), drawn)) {
            Trainer trainer = Trainer.of(network, recipe.loss(), recipe.optimizer()).batch(recipe.batch()).epochs(recipe.epochs())
                    .seed(Seed.of(seed)).checkpoints(target, checkpointEvery).listener(shown).workers(workers)
                    .note("model=" + model + " data=" + data + " held=" + validation + " augment=" + recipe.augment());
            options.applyTo(trainer);
            if (held != null) {
                trainer.validation(held);
            }
            if (patience != null) {
                trainer.earlyStopping(patience);
            }
            if (resume != null) {
                trainer.resume(resume);
            }
            return trainer.fit(train);
        }
    }

    private void write(Run run, Path target) throws IOException {
        SavedModel.write(target.resolve("model.safetensors"), run.network(), model, data, run.test().classNames());
        Metrics.write(target.resolve("metrics.json"), run);
        if (json != null) {
            Metrics.write(json, run);
        }
        WholeFile.write(target.resolve("report.html"), Report.of(run));
    }
}

package dev.sinew.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.Seed;
import dev.sinew.data.Dataset;
import dev.sinew.data.Digits;
import dev.sinew.data.Split;
import dev.sinew.data.transform.Affine;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Averaging;
import dev.sinew.optim.Schedule;
import dev.sinew.optim.Sgd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training in a process of its own is killed (SIGKILL) at random moments, most of them while it computes or writes a
 * checkpoint, and continued from the newest checkpoint: it ends with the bits of one that was left alone.
 */
class KilledTrainingTest {
    private static final int KILLS = 20;
    private static final int STEPS = 39;

    private static Network net() {
        return Network.input(1, 8, 8).conv(4, 3).batchNorm().relu().maxPool(2).dropout(0.3).dense(16).tanh().dense(10).build(Seed.of(7));
    }

    /** Everything whose state could be lost: random pictures, dropout, running statistics, a schedule that looks back, averages. */
    private static Trainer trainer(Network net) {
        return Trainer.of(net, Loss.crossEntropy(), Adam.decoupled(Schedule.plateau(3e-3).patience(0).threshold(0.2).factor(0.5).warmUp(5)))
                .group("biases", p -> p.name().endsWith("bias"), Sgd.rate(Schedule.cosine(0.05)).momentum(0.9))
                .clipNorm(1).accumulate(3).averaging(Averaging.exponential(0.95).withWarmUp()).batch(32).epochs(3).seed(Seed.of(5))
                .earlyStopping(3);
    }

    private static void train(Network net, Path folder, Path from) {
        Split split = Digits.load().train().head(516).split(0.8, 3);
        Dataset varied = split.train().transformed(Seed.of(1), Affine.none().rotate(10).shift(1));
        Trainer trainer = trainer(net).validation(split.test());
        if (folder != null) {
            trainer.checkpoints(folder, 1).keep(2);
        }
        if (from != null) {
            trainer.resume(from);
        }
        trainer.fit(varied);
    }

    /** The process that gets killed. */
    public static void main(String[] args) {
        try (Network net = net()) {
            train(net, Path.of(args[0]), null);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aKilledTrainingIsContinuedExactly(@TempDir Path root) throws Exception {
        String straight;
        try (Network net = net()) {
            train(net, null, null);
            straight = net.sha256();
        }
        SplittableRandom random = new SplittableRandom(11);
        List<Long> steps = new ArrayList<>();
        for (int k = 0; k < KILLS; k++) {
            Path folder = Files.createDirectory(root.resolve("run" + k));
            kill(folder, 1 + random.nextInt(STEPS - 8), random.nextInt(12_000));
            Path newest = newest(folder);
            steps.add(step(newest));
            try (Network net = net()) {
                train(net, null, newest);
                assertThat(net.sha256()).as("killed %s; continued from %s", steps, newest.getFileName()).isEqualTo(straight);
            }
        }
        assertThat(steps.stream().distinct().count()).as("moments of %s", steps).isGreaterThan(5);
    }

    /** Starts the process and kills it some microseconds after a checkpoint of that step or a later one has appeared. */
    private static void kill(Path folder, long step, int micros) throws Exception {
        List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "-Xshare:auto", "--enable-native-access=ALL-UNNAMED"));
        if (System.getProperty("sinew.native.path") != null) {
            command.add("-Dsinew.native.path=" + System.getProperty("sinew.native.path"));
        }
        command.addAll(List.of("-cp", classPath(), KilledTrainingTest.class.getName(), folder.toString()));
        Path output = folder.resolveSibling(folder.getFileName() + ".txt");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (process.isAlive() && step(newest(folder)) < step) {
                assertThat(System.nanoTime()).as("time for a checkpoint; the process said %s", Files.readString(output)).isLessThan(deadline);
                Thread.sleep(1);
            }
            TimeUnit.MICROSECONDS.sleep(micros);
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
        assertThat(newest(folder)).as("a checkpoint; the process said %s", Files.readString(output)).isNotNull();
    }

    /** Where the classes are, in jars or folders, whether the tests run as a module or not. */
    private static String classPath() {
        String modules = System.getProperty("jdk.module.path", "");
        String classes = System.getProperty("java.class.path", "");
        List<String> places = new ArrayList<>();
        for (Class<?> one : List.of(KilledTrainingTest.class, Trainer.class, dev.sinew.bindings.Sinew.class)) {
            places.add(Path.of(java.net.URI.create(one.getProtectionDomain().getCodeSource().getLocation().toString())).toString());
        }
        places.add(classes);
        places.add(modules);
        return String.join(java.io.File.pathSeparator, places.stream().filter(place -> !place.isEmpty()).toList());
    }

    private static Path newest(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("checkpoint-\\d+\\.safetensors"))
                    .max(Comparator.comparingLong(KilledTrainingTest::step)).orElse(null);
        }
    }

    private static long step(Path checkpoint) {
        return checkpoint == null ? -1 : Long.parseLong(checkpoint.getFileName().toString().replaceAll("\\D", ""));
    }
}

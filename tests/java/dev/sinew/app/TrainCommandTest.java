package dev.sinew.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.Cpu;
import dev.sinew.LiveMemory;
import dev.sinew.NativeMemory;
import dev.sinew.data.Dataset;
import dev.sinew.data.Digits;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TrainCommandTest {
    @TempDir
    private Path folder;

    private static Cli train(Path out, Object... more) {
        List<Object> words = new ArrayList<>(List.of("train"));
        words.addAll(List.of(more));
        words.addAll(List.of("--out", out));
        Cli cli = Cli.run(words.toArray());
        assertThat(cli.err()).isEmpty();
        assertThat(cli.code()).isZero();
        return cli;
    }

    @Test
    void endsWithReportAccuracyAndHash() throws Exception {
        long before = LiveMemory.settled();
        Cli cli = train(folder, "softmax", "--data", "digits", "--epochs", 3, "--json", folder.resolve("sub/copy.json"));
        assertThat(NativeMemory.liveBytes()).as("native memory left behind").isEqualTo(before);
        assertThat(cli.out().getFirst()).isEqualTo("softmax on digits: 650 parameters, 1,293 training, 144 validation and 360 test samples");
        assertThat(cli.out().subList(1, 4)).allMatch(line -> line.matches("epoch \\d/3  loss \\d.\\d{4} accuracy 0.\\d{4}  validation loss"
                + " \\d.\\d{4} accuracy 0.\\d{4}  rate .*  [0-9.]+ s \\([0-9,]+ samples/s\\)  weights [0-9a-f]{12}"));
        assertThat(cli.fromEnd(3)).isEqualTo("report " + folder.resolve("report.html"));
        assertThat(cli.fromEnd(2)).matches("test accuracy 0\\.\\d{4}");
        assertThat(cli.fromEnd(1)).matches("weights sha256 [0-9a-f]{64}");
        assertThat(cli.out().get(3)).endsWith("weights " + cli.fromEnd(1).substring(15, 27));
        assertThat(cli.out()).hasSize(7);
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("report.html", "metrics.json",
                    "model.safetensors", "checkpoint-21.safetensors", "checkpoint-42.safetensors", "checkpoint-63.safetensors", "sub");
        }
        metrics(cli);
        assertThat(folder.resolve("sub/copy.json")).exists();
    }

    private void metrics(Cli cli) throws Exception {
        JsonNode json = new JsonMapper().readTree(Files.readString(folder.resolve("metrics.json")));
        assertThat(json.at("/settings/model").asString()).isEqualTo("softmax");
        assertThat(json.at("/parameters").asLong()).isEqualTo(650);
        assertThat(json.at("/epochs").size()).isEqualTo(3);
        assertThat(json.at("/epochs/2/step").asLong()).isEqualTo(63);
        assertThat(json.at("/test/samples").asLong()).isEqualTo(360);
        assertThat(cli.fromEnd(2)).isEqualTo(String.format("test accuracy %.4f", json.at("/test/accuracy").asDouble()));
        assertThat(json.at("/test/confusion").size()).isEqualTo(10);
        assertThat(cli.fromEnd(1)).endsWith(json.at("/weights_sha256").asString());
    }

    @Test
    void theReportNeedsNothingButItself() throws Exception {
        train(folder, "softmax", "--data", "digits", "--epochs", 2);
        String html = Files.readString(folder.resolve("report.html"));
        assertThat(html).contains("<title>softmax on digits</title>", "Confusion matrix", "Mistakes", "Weights of the first layer", "Settings",
                "Environment", "(64 + 1) * 10", "Loss over the epochs", "Accuracy over the epochs", "\u2192", Cpu.name());
        assertThat(html).doesNotContain("http:", "https:", "src=\"/", "<script", "<link", "url(");
        assertThat(html.split("<img", -1)).hasSizeGreaterThan(12);
        for (String attribute : html.split("src=\"")) {
            assertThat(attribute).satisfiesAnyOf(a -> assertThat(a).startsWith("<!doctype"), a -> assertThat(a).startsWith("data:image/png;base64,"));
        }
        // every opened element is closed, and nothing else
        for (String element : List.of("section", "table", "tr", "figure", "div", "main", "p", "pre", "h2")) {
            assertThat(html.split("<" + element + "[ >]", -1)).as(element).hasSameSizeAs(html.split("</" + element + ">", -1));
        }
    }

    @ParameterizedTest
    @EnumSource(value = Model.class, names = {"LENET5", "CNN", "RESNET20"})
    void convolutionalNets(Model model) throws Exception {
        // nearly everything held out: a training of a few steps
        Cli cli = train(folder, model, "--data", "digits", "--epochs", 1, "--validation", 0.97);
        assertThat(cli.fromEnd(2)).matches("test accuracy 0\\.\\d{4}");
        assertThat(Files.readString(folder.resolve("report.html"))).contains("Filters of the first layer", "conv1.weight, 3 x 3");
    }

    @Test
    void evalAndPredictAgree() throws Exception {
        Cli trained = train(folder, "softmax", "--data", "digits", "--epochs", 4);
        Path weights = folder.resolve("model.safetensors");
        Cli eval = Cli.run("eval", "softmax", "--data", "digits", "--weights", weights);
        assertThat(eval.code()).isZero();
        assertThat(eval.fromEnd(1)).isEqualTo(trained.fromEnd(2));
        // the last checkpoint holds the same weights
        assertThat(Cli.run("eval", "softmax", "--data", "digits", "--weights", folder.resolve("checkpoint-84.safetensors")).fromEnd(1))
                .isEqualTo(trained.fromEnd(2));
        Dataset test = Digits.load().test();
        double accuracy = Double.parseDouble(trained.fromEnd(2).substring(14));
        List<Object> words = new ArrayList<>(List.of("predict", "softmax", "--top", 1, "--no-invert", "--weights", weights));
        for (int i = 0; i < test.size(); i++) {
            words.add(picture(test.input(i), folder.resolve(i + ".png")));
        }
        Cli predict = Cli.run(words.toArray());
        assertThat(predict.code()).isZero();
        assertThat(predict.out()).hasSize((int) test.size());
        int right = 0;
        for (int i = 0; i < test.size(); i++) {
            right += predict.out().get(i).matches(".*:  " + test.label(i) + " [0-9.]+ %") ? 1 : 0;
        }
        // 17 levels of grey fit into 256 but for rounding
        assertThat((double) right / test.size()).isCloseTo(accuracy, org.assertj.core.data.Offset.offset(0.006));
    }

    private static void colours(Path folder, String name, int count, int colour) throws Exception {
        java.nio.file.Files.createDirectories(folder.resolve(name));
        for (int i = 0; i < count; i++) {
            BufferedImage image = new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB);
            for (int p = 0; p < 600; p++) {
                image.setRGB(p % 30, p / 30, colour + (i * 0x050505 + p % 7));
            }
            ImageIO.write(image, "png", folder.resolve(name).resolve(i + ".png").toFile());
        }
    }

    /** Red and blue pictures: a net of one layer tells them apart. */
    @Test
    void aFolderOfPictures() throws Exception {
        Path pictures = folder.resolve("pictures");
        colours(pictures, "red", 15, 0xa00000);
        colours(pictures, "blue", 10, 0x0000a0);
        Path out = folder.resolve("out");
        Cli trained = train(out, "softmax", "--data", "folder", "--data-dir", pictures, "--image-size", 12, "--epochs", 10, "--validation", 0,
                "--workers", 2, "--batch", 4);
        assertThat(trained.err()).isEmpty();
        assertThat(trained.out().getFirst()).contains("866 parameters, 20 training, 0 validation and 5 test samples");
        assertThat(trained.fromEnd(2)).isEqualTo("test accuracy 1.0000");
        Path weights = out.resolve("model.safetensors");
        assertThat(Cli.run("eval", "softmax", "--data", "folder", "--data-dir", pictures, "--weights", weights).fromEnd(1))
                .isEqualTo("test accuracy 1.0000");
        Cli told = Cli.run("predict", "softmax", "--top", 1, "--weights", weights, pictures.resolve("red/3.png"), pictures.resolve("blue/2.png"));
        assertThat(told.out().get(0)).contains("red/3.png:  red ");
        assertThat(told.out().get(1)).contains("blue/2.png:  blue ");
        assertThat(Cli.run("train", "softmax", "--data", "folder").err()).contains("name the folder of one folder of pictures for each class");
        assertThat(Cli.run("train", "softmax", "--data", "cifar10", "--data-dir", pictures).err()).contains("data_batch_1.bin");
        java.nio.file.Files.writeString(pictures.resolve("red/1.png"), "no picture");
        assertThat(Cli.run("train", "softmax", "--data", "folder", "--data-dir", pictures, "--out", out).err()).contains("1.png");
    }

    /** A sample, enlarged five times. */
    private static Path picture(float[] pixels, Path file) throws Exception {
        BufferedImage image = new BufferedImage(40, 40, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 1600; i++) {
            image.getRaster().setSample(i % 40, i / 40, 0, Math.round(255 * pixels[i / 40 / 5 * 8 + i % 40 / 5]));
        }
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    @Test
    void otherWeightsAreRefused() {
        train(folder, "softmax", "--data", "digits", "--epochs", 1);
        Path weights = folder.resolve("model.safetensors");
        Cli otherModel = Cli.run("eval", "mlp", "--data", "digits", "--weights", weights);
        assertThat(otherModel.err()).contains("holds weights of softmax, not of mlp");
        assertThat(otherModel.code()).isEqualTo(2);
        Path checkpoint = folder.resolve("checkpoint-21.safetensors");
        Cli otherShape = Cli.run("eval", "cnn", "--data", "digits", "--weights", checkpoint);
        assertThat(otherShape.err()).contains("does not hold weights of cnn").contains("is missing");
        assertThat(otherShape.code()).isEqualTo(2);
        Cli unknown = Cli.run("predict", "softmax", "--weights", checkpoint, weights);
        assertThat(unknown.err()).contains("does not say what its weights were trained on");
        assertThat(unknown.code()).isEqualTo(2);
        Cli noPicture = Cli.run("predict", "softmax", "--weights", weights, weights);
        assertThat(noPicture.err()).contains("a picture that Java can read");
        assertThat(noPicture.code()).isEqualTo(2);
    }

    @Test
    void theSeedAndNothingElseMakesTheWeights() {
        Object[] command = {"mlp", "--data", "digits", "--epochs", 1, "--validation", 0.8, "--threads", 1};
        String one = train(folder.resolve("a"), command).fromEnd(1);
        command[command.length - 1] = 2;
        assertThat(train(folder.resolve("b"), command).fromEnd(1)).isEqualTo(one);
        command[command.length - 1] = 1;
        assertThat(train(folder.resolve("c"), "mlp", "--data", "digits", "--epochs", 1, "--validation", 0.8, "--seed", 1).fromEnd(1))
                .isNotEqualTo(one);
        Cpu.setThreads(Cpu.cpus());
    }

    @Test
    void resumedFromAnyCheckpointItEndsWithTheSameBits() throws Exception {
        Object[] command = {"mlp", "--data", "digits", "--epochs", 3, "--validation", 0.8, "--checkpoint-every", 2, "--batch", 64};
        Path whole = folder.resolve("whole");
        String expected = train(whole, command).fromEnd(1);
        List<Path> checkpoints;
        try (var files = Files.list(whole)) {
            checkpoints = files.filter(file -> file.getFileName().toString().startsWith("checkpoint")).toList();
        }
        assertThat(checkpoints).hasSize(3);
        for (Path checkpoint : checkpoints) {
            Object[] resumed = java.util.Arrays.copyOf(command, command.length + 2);
            resumed[command.length] = "--resume";
            resumed[command.length + 1] = checkpoint;
            Cli cli = train(folder.resolve(checkpoint.getFileName().toString()), resumed);
            assertThat(cli.fromEnd(1)).as("from " + checkpoint.getFileName()).isEqualTo(expected);
        }
        Cli other = Cli.run("train", "mlp", "--data", "digits", "--epochs", 3, "--validation", 0.8, "--batch", 64, "--no-augment", "--resume",
                checkpoints.getFirst(), "--out", folder.resolve("other"));
        assertThat(other.err()).contains("augment=true").contains("augment=false");
        assertThat(other.code()).isEqualTo(2);
    }

    /** The figure of README's first command; slow in plain C, so only by the best kernels. */
    @Test
    void lenetReadsTheDigitsOfWritersItHasNotSeen() {
        Assumptions.assumeTrue(Cpu.isa() == Cpu.detectedIsa() && Cpu.isa() != Cpu.Isa.GENERIC, "one run is enough");
        Cli cli = train(folder, "lenet5", "--data", "digits", "--seed", 7);
        assertThat(Double.parseDouble(cli.fromEnd(2).substring(14))).isGreaterThanOrEqualTo(0.98);
    }

    @Test
    void checkTrainsNothing(@TempDir Path folder) {
        Cli cli = Cli.run("train", "mlp", "--data", "digits", "--check", "--out", folder.resolve("run"));
        assertThat(cli.code()).as(cli.err()).isZero();
        assertThat(cli.out()).anyMatch(line -> line.startsWith("good    first loss: ")).anyMatch(line -> line.contains("validation data: none of"));
        assertThat(folder.resolve("run").resolve("model.safetensors")).doesNotExist();
    }
}

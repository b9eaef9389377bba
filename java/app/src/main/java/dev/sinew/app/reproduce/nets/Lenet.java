package dev.sinew.app.reproduce.nets;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.data.Mnist;
import dev.sinew.data.transform.Crop;
import dev.sinew.data.transform.Resize;
import dev.sinew.data.transform.Transform;
import dev.sinew.models.LeNet5;
import dev.sinew.models.Subsampling;
import dev.sinew.models.TableConv;
import dev.sinew.nn.Network;
import dev.sinew.nn.ParameterSpec;
import dev.sinew.train.EpochReport;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** LeNet-5 of 1998 and as it is built today, and what their layers make of an image. */
final class Lenet implements Reproduction {
    /** Parameters of each layer in the paper. */
    private static final Map<String, Long> PAPER = new LinkedHashMap<>();

    static {
        PAPER.put("c1", 156L);
        PAPER.put("s2", 12L);
        PAPER.put("c3", 1_516L);
        PAPER.put("s4", 32L);
        PAPER.put("c5", 48_120L);
        PAPER.put("f6", 10_164L);
    }

    @Override
    public String id() {
        return "lenet5";
    }

    @Override
    public String title() {
        return "LeNet-5 of 1998 and of today";
    }

    @Override
    public String about() {
        return "Two convolutions of 5 x 5, each followed by a halving, and three dense layers. In 1998 a halving was `c sum + b` with a"
                + " weight and a bias for each map, the third layer's maps saw some of the six maps before by a table, and `1.7159"
                + " tanh(2x/3)` bent every layer; today it is maximum pooling and ReLU. The paper's last layer compares with drawn"
                + " characters; a dense layer and softmax stand for it here.";
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(getClass(), Fashion.class, LeNet5.class, Subsampling.class, TableConv.class);
    }

    /** Images, and what the older net has around them. */
    private record Data(String name, Dataset train, Dataset test, Transform frame) {}

    private static Data data(Lab lab) throws IOException {
        Path mnist = lab.folderOf("mnist");
        if (mnist != null) {
            return new Data("MNIST", Mnist.load(mnist).train(), Mnist.load(mnist).test(), Crop.center(32, 32).padded(2, -0.1307 / 0.3081));
        }
        if (lab.quick()) {
            Transform enlarged = Resize.to(28, 28);
            return new Data("the 8 x 8 digits, enlarged", lab.digits().train().transformed(lab.seed(), enlarged).cached(),
                    lab.digits().test().transformed(lab.seed(), enlarged).cached(), Crop.center(32, 32).padded(2, 0));
        }
        return new Data("Fashion-MNIST", lab.fashion().train(), lab.fashion().test(), Crop.center(32, 32).padded(2, Fashion.BLACK));
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        Data data = data(lab);
        int epochs = lab.pick(40, 12);
        double target = data.name.equals("MNIST") ? lab.pick(0.98, 0.987) : lab.pick(0.94, 0.89);
        Curves curves = Curves.of("Loss", "epoch", "cross-entropy").logarithmic();
        try (Network old = LeNet5.original(10).build(lab.seed()); Network modern = LeNet5.modern(1, 28, 28, 10).build(lab.seed())) {
            count(findings, old);
            findings.equal("parameters of today's", 61_706, modern.architecture().parameterCount());
            for (boolean today : new boolean[] {false, true}) {
                String name = today ? "of today" : "of 1998";
                Dataset train = today ? data.train.cached() : data.train.transformed(lab.seed(), data.frame).cached();
                train = lab.quick() ? train.transformed(lab.seed(), Crop.random(today ? 28 : 32, today ? 28 : 32).padded(2, 0)) : train;
                Dataset test = today ? data.test : data.test.transformed(lab.seed(), data.frame);
                var run = Fashion.train(lab, today ? "modern" : "original", today ? modern : old, today ? 0.05 : 0.02, 1e-4, epochs,
                        train, null);
                findings.atLeast("LeNet-5 " + name + " on " + data.name + ": test accuracy after " + epochs + " epochs", target + (today
                        && !lab.quick()
                        && !data.name.equals("MNIST") ? 0.01 : 0), run.evaluate(test).accuracy(), "%.4f");
                curves.add(name, run.history().stream().mapToDouble(EpochReport::trainLoss).toArray());
            }
            findings.plot(curves.draw(), "Training losses.");
            float[] image = data.test.input(0);
            maps(findings, "of 1998", old, data.test.transformed(lab.seed(), data.frame).input(0), 32, "c1", "s2", "c3", "s4");
            maps(findings, "of today", modern, image, 28, "relu1", "maxpool1", "relu2", "maxpool2");
            findings.preformatted(old.summary());
        }
    }

    private static void count(Findings findings, Network old) {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (ParameterSpec p : old.architecture().parameters()) {
            counts.merge(p.name().substring(0, p.name().indexOf('.')), p.shape().count(), Long::sum);
        }
        PAPER.forEach((layer, count) -> findings.equal("parameters of layer " + layer.toUpperCase(java.util.Locale.ROOT), count,
                counts.get(layer)));
        findings.equal("parameters of 1998's net without its last"
                + " layer", 60_000, old.architecture().parameterCount() - counts.get("output"));
    }

    /** A row of maps for each layer. */
    private static void maps(Findings findings, String name, Network net, float[] image, int side, String... layers) {
        List<BufferedImage> rows = new ArrayList<>(List.of(Plot.grid(List.of(gray(image, side)), List.of("image"), 1, 72)));
        try (var _ = Scope.open()) {
            net.activations(Tensor.of(image, 1, 1, side, side), layers).forEach((layer, maps) -> {
                int channels = (int) maps.shape().dim(1);
                int pixels = (int) maps.shape().dim(2);
                double[] all = maps.toDoubles();
                List<BufferedImage> pictures = new ArrayList<>();
                List<String> captions = new ArrayList<>();
                for (int c = 0; c < channels; c++) {
                    pictures.add(Plot.signed(Arrays.copyOfRange(all, c * pixels * pixels, (c + 1) * pixels * pixels), pixels, pixels));
                    captions.add(layer + " " + (c + 1));
                }
                rows.add(Plot.grid(pictures, captions, 8, 72));
            });
        }
        findings.plot(Plot.beside(1, rows.toArray(BufferedImage[]::new)), "LeNet-5 " + name + ": the first test image and the maps that"
                + " the layers make of it, from the first layer down; blue is negative, white 0, orange positive, each map on its own"
                + " scale. (In the older net the maps are before the bend.)");
    }

    private static BufferedImage gray(float[] image, int side) {
        double[] pixels = Plot.doubles(image);
        double least = Arrays.stream(pixels).min().orElse(0);
        double most = Arrays.stream(pixels).max().orElse(1);
        return Plot.gray(Arrays.stream(pixels).map(v -> (v - least) / (most - least)).toArray(), side, side);
    }
}

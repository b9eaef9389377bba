package dev.sinew.app.reproduce.mlp;

import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Value;
import dev.sinew.optim.Adam;
import dev.sinew.train.Lbfgs;
import dev.sinew.train.TrainStep;
import dev.sinew.train.Trainer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** A gray image as a function of its coordinates, learned by nets of one to four hidden layers. */
final class ImageSurface implements Reproduction {
    private static final int SIDE = 51;
    /** Where the part of the photograph begins. */
    private static final int LEFT = 150;
    private static final int TOP = 40;
    private static final int EVERY = 100;
    private static final double RATE = 0.01;

    /** Hidden layers, the number of weights and the loss the deck gives (0: none); with a bypass over the inner layers. */
    private record Net(String name, int[] hidden, boolean bypass, boolean relu, int weights, double deck) {
        /** A bypass adds what comes 10 units wide from below before the unit's bend, as in residual nets. */
        Network build(Seed seed) {
            var graph = Network.graph();
            Value h = graph.input(2);
            Value first = null;
            for (int i = 0; i < hidden.length; i++) {
                Value sum = h.dense(hidden[i]);
                if (bypass && i >= 2) {
                    sum = graph.add(sum, i == 2 ? first : h);
                }
                Value next = relu ? sum.relu() : sum.tanh();
                first = i == 0 ? next : first;
                h = next;
            }
            Network net = graph.output(h.dense(1)).build(seed);
            if (hidden.length == 1) {
                // the bends of a single layer must lie all over the image from the start: gradient descent moves them little
                net.parameter("dense1.weight").copyFrom(Tensor.uniform(net.parameter("dense1.weight").shape(), -4, 4, seed.derive("w").value()));
                net.parameter("dense1.bias").copyFrom(Tensor.uniform(net.parameter("dense1.bias").shape(), -4, 4, seed.derive("b").value()));
            }
            return net;
        }
    }

    private static final List<Net> NETS = List.of(
            new Net("50", new int[] {50}, false, false, 201, 3.65e-1),
            new Net("100", new int[] {100}, false, false, 401, 2.50e-1),
            new Net("125", new int[] {125}, false, false, 501, 2.40e-1),
            new Net("300", new int[] {300}, false, false, 1201, 1.92e-1),
            new Net("20-20", new int[] {20, 20}, false, false, 501, 8.31e-2),
            new Net("14-14-14", new int[] {14, 14, 14}, false, false, 477, 7.55e-2),
            new Net("15-15-15", new int[] {15, 15, 15}, false, false, 541, 5.93e-2),
            new Net("19-19-19", new int[] {19, 19, 19}, false, false, 837, 4.38e-2),
            new Net("10/20/10", new int[] {10, 20, 10}, false, false, 471, 6.43e-2),
            new Net("10/20/10 with bypass", new int[] {10, 20, 10}, true, false, 471, 1.95e-2),
            new Net("10/20/10/10", new int[] {10, 20, 10, 10}, false, false, 581, 5.30e-2),
            new Net("10/20/10/10 with bypass", new int[] {10, 20, 10, 10}, true, false, 581, 1.36e-2),
            new Net("10/20/10 with bypass, ReLU", new int[] {10, 20, 10}, true, true, 471, 7.21e-2));

    /** Pairs where the deck's first net has the larger loss, because the other one can say more. */
    private static final String[][] ORDER = {{"50", "125"}, {"125", "300"}, {"125", "20-20"}, {"20-20", "14-14-14"}, {"14-14-14", "19-19-19"}};
    /** Pairs where it is because the other one is easier to train: they are compared after gradient descent. */
    private static final String[][] EASE = {{"10/20/10", "10/20/10 with bypass"}, {"10/20/10/10", "10/20/10/10 with bypass"},
        {"10/20/10 with bypass, ReLU", "10/20/10 with bypass"}};
    /** Pairs of neighbours, which only a longer training tells apart. */
    private static final String[][] NEIGHBOURS = {{"50", "100"}, {"100", "125"}, {"14-14-14", "15-15-15"}, {"15-15-15", "19-19-19"}};

    /** The losses after gradient descent and in the end. */
    private record Fit(double descended, double loss, double[] curve, double[] image) {}

    @Override
    public String id() {
        return "image-surface";
    }

    @Override
    public String title() {
        return "An image as a surface: width, depth and bypass";
    }

    @Override
    public String about() {
        return "A net learns a gray image of 51 x 51 pixels as a function of the place, `I = f(x, y)`, by the mean squared error. With as many weights,"
                + " two layers do better than one and three better than two; a bypass, `h3 = tanh(W3 h2 + b3 + h1)`, helps again, and tanh is"
                + " better than ReLU here.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        double[] image = image(lab);
        int steps = 3000;
        int more = lab.pick(0, 3000);
        int starts = lab.pick(3, 5);
        Map<String, Fit> fits = new LinkedHashMap<>();
        Map<String, Double> descended = new LinkedHashMap<>();
        List<List<String>> rows = new ArrayList<>();
        for (Net net : NETS) {
            List<Fit> tried = new ArrayList<>();
            for (int start = 0; start < starts; start++) {
                try (var _ = Scope.open(); Network built = net.build(lab.seed().derive("start" + start))) {
                    if (start == 0) {
                        findings.equal("weights of " + net.name, net.weights, built.architecture().parameterCount());
                    }
                    tried.add(fit(built, image, steps, more));
                }
            }
            tried.sort(Comparator.comparingDouble(Fit::loss));
            fits.put(net.name, tried.get(starts / 2));
            descended.put(net.name, tried.stream().mapToDouble(Fit::descended).sorted().skip(starts / 2).findFirst().orElseThrow());
            lab.say("%s: %.3e", net.name, fits.get(net.name).loss);
            rows.add(List.of(net.name, String.format(Locale.ROOT, "%,d", net.weights), text(net.deck), text(descended.get(net.name)), text(fits.get(net.name).loss)));
        }
        for (String[] pair : EASE) {
            check(findings, pair, "after gradient descent", descended.get(pair[0]), descended.get(pair[1]));
        }
        for (String[] pair : lab.quick() ? ORDER : Stream.of(ORDER, NEIGHBOURS).flatMap(Arrays::stream).toArray(String[][]::new)) {
            check(findings, pair, "in the end", fits.get(pair[0]).loss, fits.get(pair[1]).loss);
        }
        findings.table("Losses after " + steps + " steps of Adam on all pixels" + (more > 0 ? ", and in the end, after " + more + " steps of L-BFGS" : "")
                + "; medians of " + starts + " starts. The deck's image and units are not given, so the order of its figures is the target; our image"
                + " has mean 0 and variance 1. A bypass makes a net easier to train: the longer the training, the less is left of its gain.",
                List.of("hidden units", "weights", "loss in the deck", "after Adam", "in the end"), rows);
        List<BufferedImage> pictures = new ArrayList<>(List.of(Plot.gray(shades(image, image), SIDE, SIDE)));
        List<String> captions = new ArrayList<>(List.of("the image"));
        fits.forEach((name, fit) -> {
            pictures.add(Plot.gray(shades(fit.image, image), SIDE, SIDE));
            captions.add(name.replace(" with bypass", " + bypass"));
        });
        findings.plot(Plot.grid(pictures, captions, 5, 150), "The image (a part of a photograph) and what each net makes of it.");
        Curves curves = Curves.of("Loss while learning", "step", "mean squared error").logarithmic();
        double[] at = new double[steps / EVERY];
        for (int i = 0; i < at.length; i++) {
            at[i] = (i + 1.0) * EVERY;
        }
        for (String name : List.of("125", "20-20", "14-14-14", "19-19-19", "10/20/10", "10/20/10 with bypass", "10/20/10 with bypass, ReLU")) {
            curves.add(name, at, fits.get(name).curve);
        }
        findings.plot(curves.draw(), "Losses of some of the nets over the steps" + (more > 0 ? " of Adam." : "."));
    }

    /** A part of the photograph, each pixel the mean of a square, with mean 0 and variance 1. */
    private static double[] image(Lab lab) throws IOException {
        BufferedImage photograph = lab.photograph("flower");
        int block = 7;
        double[] image = new double[SIDE * SIDE];
        double mean = 0;
        for (int i = 0; i < image.length; i++) {
            for (int p = 0; p < block * block; p++) {
                int rgb = photograph.getRGB(LEFT + i % SIDE * block + p % block, TOP + i / SIDE * block + p / block);
                image[i] += (0.299 * (rgb >> 16 & 255) + 0.587 * (rgb >> 8 & 255) + 0.114 * (rgb & 255)) / (block * block);
            }
            mean += image[i] / image.length;
        }
        double square = 0;
        for (double v : image) {
            square += (v - mean) * (v - mean) / image.length;
        }
        for (int i = 0; i < image.length; i++) {
            image[i] = (image[i] - mean) / Math.sqrt(square);
        }
        return image;
    }

    /** Adam with a falling rate on all pixels; then, if asked, L-BFGS, which goes on where the gradient is small. */
    private static Fit fit(Network net, double[] image, int steps, int more) {
        float[] places = new float[2 * SIDE * SIDE];
        float[] values = new float[SIDE * SIDE];
        for (int i = 0; i < values.length; i++) {
            places[2 * i] = 2f * (i % SIDE) / (SIDE - 1) - 1;
            places[2 * i + 1] = 2f * (i / SIDE) / (SIDE - 1) - 1;
            values[i] = (float) image[i];
        }
        Tensor x = Tensor.of(places, values.length, 2);
        Tensor y = Tensor.of(values, values.length, 1);
        double[] curve = new double[steps / EVERY];
        try (TrainStep step = Trainer.of(net, Loss.meanSquaredError(), Adam.rate(RATE)).compile(values.length)) {
            for (int i = 0; i < steps; i++) {
                double loss = step.step(x, y, RATE / 2 * (1 + Math.cos(Math.PI * i / steps)));
                curve[i / EVERY] = loss;
            }
        }
        double descended = loss(net.predict(x).toDoubles(), image);
        if (more > 0) {
            Lbfgs.of(net, Loss.meanSquaredError()).iterations(more).history(40).fit(x, y);
        }
        double[] learned = net.predict(x).toDoubles();
        return new Fit(descended, loss(learned, image), curve, learned);
    }

    private static double loss(double[] learned, double[] image) {
        double loss = 0;
        for (int i = 0; i < learned.length; i++) {
            loss += (learned[i] - image[i]) * (learned[i] - image[i]) / learned.length;
        }
        return loss;
    }

    private static void check(Findings findings, String[] pair, String when, double worse, double better) {
        findings.check("loss of " + pair[0] + " to that of " + pair[1] + " " + when, "larger", text(worse) + " to " + text(better), worse > better);
    }

    /** On the image's scale from black to white. */
    private static double[] shades(double[] values, double[] image) {
        double least = Arrays.stream(image).min().orElse(0);
        double most = Arrays.stream(image).max().orElse(1);
        return Arrays.stream(values).map(v -> (v - least) / (most - least)).toArray();
    }

    private static String text(double v) {
        return String.format(Locale.ROOT, "%.2e", v);
    }
}

package dev.sinew.app.reproduce.conv;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.functional.Convolution;
import dev.sinew.functional.Pooling;
import dev.sinew.functional.Window;
import dev.sinew.graph.Gradients;
import dev.sinew.nn.Network;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** A single activation projected back into the image (Zeiler, Fergus 2014). */
final class Deconvolution implements Reproduction {
    private static final int SIDE = 84;
    private static final int OBJECT = FashionNet.SIDE;
    private static final int SHOWN = 8;
    /** A quarter of the 20 pixels that an activation of the last convolution sees. */
    private static final int MARGIN = 5;
    /** Places of the last layer at the edge of the scene, which see the padding. */
    private static final int RIM = 3;

    /** What is put back at each stage of the way down. */
    private enum Rule {
        /** Only what is above 0, as in the paper. */
        RECTIFY,
        /** What was above 0 on the way up, as the chain rule says. */
        GRADIENT
    }

    @Override
    public String id() {
        return "deconv";
    }

    @Override
    public String title() {
        return "What an activation has seen: deconvolution";
    }

    @Override
    public String about() {
        return "One activation of a layer is kept, all others are set to 0, and the layers are undone in turn: what was pooled goes back to where the"
                + " maximum came from, negative values become 0, and the filters are applied turned round, `x = F^T relu(unpool(y))`. What arrives in"
                + " the image is the pattern that caused the activation. With the rectification in the other place, where the input of the way"
                + " up was above 0, the same steps give the gradient; that is checked. The scenes are things from Fashion-MNIST at random places of a"
                + " noisy image nine times as large.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        int scenes = lab.pick(40, 400);
        SplittableRandom random = new SplittableRandom(lab.seed().derive("scenes").value());
        Dataset test = lab.fashion().test();
        List<BufferedImage> pictures = new ArrayList<>();
        List<BufferedImage> projections = new ArrayList<>();
        List<String> captions = new ArrayList<>();
        double inside = 0;
        double background = 0;
        double worst = 0;
        try (Network net = FashionNet.trained(lab, SIDE)) {
            for (int i = 0; i < scenes; i++) {
                int left = random.nextInt(SIDE - OBJECT + 1);
                int top = random.nextInt(SIDE - OBJECT + 1);
                float[] scene = scene(test.input(i), left, top, random);
                float[] projection = project(net, scene, Rule.RECTIFY);
                inside += energy(projection, left, top) / scenes;
                background += energy(project(net, scene(null, 0, 0, random), Rule.RECTIFY), left, top) / scenes;
                if (i < SHOWN) {
                    worst = Math.max(worst, gradientError(net, scene));
                    pictures.add(Outlines.gray(scene, SIDE, SIDE));
                    projections.add(Plot.signed(Plot.doubles(projection), SIDE, SIDE));
                    captions.add(String.format(Locale.ROOT, "%s: %.0f %% inside", test.className(test.label(i)), 100 * energy(projection, left, top)));
                }
            }
        }
        findings.atMost("with the other rectification: relative difference from the gradient", 1e-4, worst, "%.1e");
        findings.atLeast("energy of the projection within 5 pixels of the thing's square (a fifth of the scene)", 0.75, inside, "%.3f");
        findings.atMost("the same place, scenes without a thing", 0.5, background, "%.3f");
        pictures.addAll(projections);
        List<String> all = new ArrayList<>(Collections.nCopies(SHOWN, ""));
        all.addAll(captions);
        findings.plot(Plot.grid(pictures, all, SHOWN / 2, 190), "Above: scenes. Below, in the same order: the strongest activation of the last convolution,"
                + " projected back (orange: brighter there gives more, blue: darker), with the share of its energy that lies in the thing's square of"
                + " 28 x 28 pixels or at most 5 pixels beside it.");
    }

    /** Noise with a thing in it, or without. */
    private static float[] scene(float[] thing, int left, int top, SplittableRandom random) {
        float[] scene = new float[SIDE * SIDE];
        for (int i = 0; i < scene.length; i++) {
            int x = i % SIDE - left;
            int y = i / SIDE - top;
            boolean in = thing != null && x >= 0 && x < OBJECT && y >= 0 && y < OBJECT;
            scene[i] = (float) ((in ? thing[y * OBJECT + x] : -0.8) + 0.15 * random.nextGaussian());
        }
        return scene;
    }

    private static double energy(float[] image, int left, int top) {
        double in = 0;
        double all = 1e-30;
        for (int i = 0; i < image.length; i++) {
            double square = (double) image[i] * image[i];
            int x = i % SIDE - left;
            int y = i / SIDE - top;
            all += square;
            in += Math.min(x, y) >= -MARGIN && Math.max(x, y) < OBJECT + MARGIN ? square : 0;
        }
        return in / all;
    }

    /** Up through three convolutions, then down from the strongest activation alone. */
    private static float[] project(Network net, float[] image, Rule rule) {
        try (var _ = Scope.open()) {
            Window first = Window.of(FashionNet.KERNEL, FashionNet.KERNEL).same();
            Window[] windows = {first, Window.of(3, 3).same(), Window.of(3, 3).same()};
            Tensor[] raw = new Tensor[3];
            Tensor[][] pooled = new Tensor[2][];
            Tensor x = Tensor.of(image, 1, 1, SIDE, SIDE);
            for (int i = 0; i < 3; i++) {
                raw[i] = Convolution.conv(x, weight(net, i), net.parameter("conv" + (i + 1) + ".bias"), windows[i]);
                x = raw[i].relu();
                if (i < 2) {
                    pooled[i] = Pooling.maxWithIndices(x, Window.of(2, 2).stride(2, 2), false);
                    x = pooled[i][0];
                }
            }
            Tensor y = strongest(x);
            for (int i = 2; i >= 0; i--) {
                if (i < 2) {
                    y = Pooling.unpool(y, pooled[i][1], Window.of(2, 2).stride(2, 2));
                }
                y = rule == Rule.RECTIFY ? y.relu() : y.mul(raw[i].relu().sign());
                y = Convolution.transposed(y, weight(net, i), null, windows[i], new long[] {0, 0}, 1);
            }
            return y.toFloats();
        }
    }

    private static Tensor weight(Network net, int i) {
        return net.parameter("conv" + (i + 1) + ".weight");
    }

    /** 1 where the activation is the highest, 0 elsewhere; at the rim, where it sees the padding, none is chosen. */
    private static Tensor strongest(Tensor x) {
        float[] values = x.toFloats();
        int side = SIDE / 4;
        int best = side * side / 2;
        for (int i = 0; i < values.length; i++) {
            boolean rim = Math.min(i % side, i / side % side) < RIM || Math.max(i % side, i / side % side) >= side - RIM;
            best = !rim && values[i] > values[best] ? i : best;
        }
        float[] one = new float[values.length];
        one[best] = 1;
        return Tensor.of(one, x.shape().dims());
    }

    private static double gradientError(Network net, float[] image) {
        float[] ours = project(net, image, Rule.GRADIENT);
        try (var _ = Scope.open()) {
            Tensor x = Tensor.of(image, 1, 1, SIDE, SIDE);
            Tensor y = net.forward(List.of(x), false, null, "relu3").getFirst();
            float[] gradient = Gradients.of(y, strongest(y), new Tensor[] {x}).get(x).toFloats();
            double difference = 0;
            double most = 1e-30;
            for (int i = 0; i < ours.length; i++) {
                difference = Math.max(difference, Math.abs(ours[i] - gradient[i]));
                most = Math.max(most, Math.abs(gradient[i]));
            }
            return most > 1e-9 ? difference / most : Double.NaN;
        }
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(Deconvolution.class, FashionNet.class);
    }
}

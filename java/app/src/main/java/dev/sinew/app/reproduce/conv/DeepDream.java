package dev.sinew.app.reproduce.conv;

import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.ArrayDataset;
import dev.sinew.functional.Resampling;
import dev.sinew.graph.Gradients;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Schedule;
import dev.sinew.train.Trainer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** A photograph is changed until a layer of a net answers more strongly to it. */
final class DeepDream implements Reproduction {
    private static final int PATCH = 24;
    /** Each photograph is divided into so many tiles, which are the classes. */
    private static final int ACROSS = 4;
    private static final int DOWN = 2;
    private static final String LAYER = "relu3";
    private static final double STEP = 0.03;

    @Override
    public String id() {
        return "deepdream";
    }

    @Override
    public String title() {
        return "DeepDream: gradient ascent on a photograph";
    }

    @Override
    public String about() {
        return "The weights of a trained net stay as they are, and the image learns: `x <- x + s g / mean |g|` with the gradient g of the mean square of a"
                + " layer's activations. It begins with a small copy; what was added is enlarged and goes on with the next larger copy, an octave, so"
                + " that patterns of all sizes appear. The net is trained here, on patches of the two photographs, to say from which of 16 parts a"
                + " patch comes; no pretrained net of animals is used, so the dream consists of edges, leaves and roof tiles.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        float[][] photographs = {pixels(lab.photograph("china")), pixels(lab.photograph("flower"))};
        List<double[]> strengths = new ArrayList<>();
        List<BufferedImage> pictures = new ArrayList<>();
        try (Network net = train(lab, photographs, findings)) {
            for (int p = 0; p < 2; p++) {
                dream(lab, net, photographs[p], p == 0 ? "china" : "flower", findings, pictures, strengths);
            }
        }
        findings.plot(Plot.grid(pictures, List.of("china", "its dream", "as much noise", "flower", "its dream", "as much noise"), 3, 330),
                "The photographs, what gradient ascent made of them, and the photographs with noise of the same mean square as that change.");
        findings.plot(Curves.of("The activations while dreaming", "step (all octaves)", "mean square").add("china", strengths.get(0))
                .add("flower", strengths.get(1)).draw(), "The mean square of the layer's activations; it falls where the next larger copy begins, to which"
                + " the net answers less.");
    }

    /** A net that knows from which tile of which photograph a patch comes. */
    private static Network train(Lab lab, float[][] photographs, Findings findings) {
        Network net = net(lab, PATCH, PATCH);
        SplittableRandom random = new SplittableRandom(lab.seed().derive("patches").value());
        ArrayDataset patches = patches(photographs, lab.pick(4000, 20_000), random);
        var run = Trainer.of(net, Loss.crossEntropy(), Adam.rate(Schedule.cosine(0.003))).batch(32).epochs(lab.pick(4, 12)).seed(lab.seed()).fit(patches);
        double accuracy = run.evaluate(patches(photographs, 1000, random)).accuracy();
        lab.say("%.3f of other patches right", accuracy);
        findings.atLeast("patches assigned to the right one of 16 parts", lab.pick(0.4, 0.6), accuracy, "%.3f");
        return net;
    }

    private static Network net(Lab lab, int height, int width) {
        return Network.input(3, height, width).conv(16, 5, 2).relu().maxPool(2).conv(32, 3, 1).relu().maxPool(2).conv(48, 3, 1).relu()
                .globalAvgPool().dense(2 * ACROSS * DOWN).build(lab.seed().derive("net"));
    }

    private static ArrayDataset patches(float[][] photographs, int count, SplittableRandom random) {
        float[] values = new float[count * 3 * PATCH * PATCH];
        int[] labels = new int[count];
        int width = WIDTH / ACROSS;
        int height = HEIGHT / DOWN;
        for (int i = 0; i < count; i++) {
            labels[i] = i % (2 * ACROSS * DOWN);
            int tile = labels[i] / 2;
            int left = tile % ACROSS * width + random.nextInt(width - PATCH + 1);
            int top = tile / ACROSS * height + random.nextInt(height - PATCH + 1);
            for (int k = 0; k < 3 * PATCH * PATCH; k++) {
                int channel = k / (PATCH * PATCH);
                int y = top + k / PATCH % PATCH;
                values[i * 3 * PATCH * PATCH + k] = photographs[labels[i] % 2][(channel * HEIGHT + y) * WIDTH + left + k % PATCH];
            }
        }
        return ArrayDataset.of(values, Shape.of(3, PATCH, PATCH), labels, 2 * ACROSS * DOWN);
    }

    private static void dream(Lab lab, Network trained, float[] photograph, String name, Findings findings, List<BufferedImage> pictures,
            List<double[]> strengths) {
        List<Double> strength = new ArrayList<>();
        int steps = lab.pick(12, 40);
        try (var _ = Scope.open()) {
            int[][] sizes = {{80, 120}, {112, 168}, {160, 240}};
            Tensor whole = Tensor.of(photograph, 1, 3, HEIGHT, WIDTH);
            Tensor added = null;
            Tensor base = null;
            double before = 0;
            for (int[] size : sizes) {
                base = Resampling.resize(whole, Resampling.Mode.AREA, size[0], size[1]);
                added = added == null ? base.mul(0) : Resampling.resize(added, Resampling.Mode.LINEAR, size[0], size[1]);
                try (Network net = net(lab, size[0], size[1])) {
                    trained.parameters().forEach((key, value) -> net.parameter(key).copyFrom(value));
                    before = strength(net, base);
                    for (int i = 0; i < steps; i++) {
                        added = ascend(net, base, added, strength);
                    }
                    if (size == sizes[sizes.length - 1]) {
                        double after = strength(net, base.add(added));
                        double energy = Math.sqrt(added.square().mean().item());
                        Tensor noisy = clamped(base.add(Tensor.normal(base.shape(), 0, energy, lab.seed().derive("noise").value())));
                        double noise = strength(net, noisy);
                        lab.say("%s: %.2f times, noise %.2f times", name, after / before, noise / before);
                        findings.atLeast(name + ": the activations' mean square rises by a factor of", lab.pick(2, 4), after / before, "%.1f");
                        findings.check(name + ": factor by noise that changes the image as much", "below half of that",
                                String.format(Locale.ROOT, "%.1f", noise / before), noise < after / 2);
                        pictures.addAll(List.of(picture(base, size), picture(base.add(added), size), picture(noisy, size)));
                    }
                }
            }
        }
        strengths.add(strength.stream().mapToDouble(v -> v).toArray());
    }

    /** The change after another step. */
    private static Tensor ascend(Network net, Tensor base, Tensor added, List<Double> strength) {
        float[] next;
        try (var _ = Scope.open()) {
            Tensor x = Tensor.of(base.add(added).toFloats(), base.shape().dims());
            Tensor y = net.forward(List.of(x), false, null, LAYER).getFirst().square().mean();
            strength.add(y.item());
            Tensor g = Gradients.of(y, x).get(x);
            next = clamped(x.add(g.mul(STEP / (g.abs().mean().item() + 1e-12)))).sub(base).toFloats();
        }
        return Tensor.of(next, base.shape().dims());
    }

    private static double strength(Network net, Tensor x) {
        try (var _ = Scope.open()) {
            return net.forward(List.of(x), false, null, LAYER).getFirst().square().mean().item();
        }
    }

    private static final int WIDTH = 640;
    private static final int HEIGHT = 426;

    /** Red, green and blue from -1.8 (none) to 2.2 (full). */
    private static float[] pixels(BufferedImage image) {
        float[] values = new float[3 * HEIGHT * WIDTH];
        for (int i = 0; i < values.length; i++) {
            int rgb = image.getRGB(i % WIDTH, i / WIDTH % HEIGHT);
            values[i] = ((rgb >> 16 - 8 * (i / (WIDTH * HEIGHT)) & 255) / 255f - 0.45f) / 0.25f;
        }
        return values;
    }

    private static Tensor clamped(Tensor x) {
        return dev.sinew.functional.Activations.clamp(x, -0.45 / 0.25, 0.55 / 0.25);
    }

    private static BufferedImage picture(Tensor x, int[] size) {
        float[] values = clamped(x).toFloats();
        BufferedImage image = new BufferedImage(size[1], size[0], BufferedImage.TYPE_INT_RGB);
        int area = size[0] * size[1];
        for (int i = 0; i < area; i++) {
            int rgb = 0;
            for (int c = 0; c < 3; c++) {
                rgb = rgb << 8 | Math.clamp(Math.round(255 * (values[c * area + i] * 0.25f + 0.45f)), 0, 255);
            }
            image.setRGB(i % size[1], i / size[1], rgb);
        }
        return image;
    }
}

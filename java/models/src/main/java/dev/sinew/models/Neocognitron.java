package dev.sinew.models;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.functional.Normalization;
import dev.sinew.functional.Pooling;
import dev.sinew.op.Window2d;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The neocognitron (Fukushima: "Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition
 * unaffected by shift in position", 1980; in the form of "Neocognitron for handwritten digit recognition", 2003, and "Training
 * multi-layered neural network neocognitron", 2013).
 *
 * <p>Cells that see light and dark spots come first. Then follow stages of S-cells, which look for features, see
 * {@link SCells}, and of C-cells, which blur where they were: each is the weighted root mean square of the S-cells of its plane
 * around it, {@code u_C = sqrt(sum of d u_S^2)}; those of the highest stage see the strongest S-cell of their plane wherever it is.
 * The S-cells of the first stage know straight edges; those of the next ones learn without labels, each stage after the one
 * below ({@link #learn(Tensor, int, double)}); the highest learns classes ({@link #learn(Tensor, int[])}). There are no gradients.
 *
 * {@snippet :
 * Neocognitron net = Neocognitron.of(16, new Stage(5, 0.5, 7, 2), new Stage(5, 0.6, 5, 2), new Stage(7, 0.3, 0, 1));
 * net.learn(images, 1, 0.7);
 * net.learn(images, classes);
 * int[] found = net.classes(others);
 * }
 */
public final class Neocognitron {
    private static final int CHUNK = 50;
    private static final int SPOT = 7;
    private static final double CENTRE = 0.7;
    private static final double SURROUND = 1.4;

    /**
     * A layer of S-cells and the layer of C-cells behind it.
     *
     * @param window of an S-cell, odd
     * @param threshold of the S-cells
     * @param blur size of a C-cell's window, odd; 0 for the highest stage
     * @param stride of the C-cells
     */
    public record Stage(int window, double threshold, int blur, int stride) {
        /** Checks the C-cells' numbers; {@link SCells} checks the others. */
        public Stage {
            if (blur < 0 || blur > 0 && blur % 2 == 0 || stride < 1) {
                throw new IllegalArgumentException("neocognitron: the blur must be odd or 0 and the stride positive, not " + blur
                        + " and " + stride);
            }
        }
    }

    private final List<Stage> stages;
    private final List<SCells> cells;
    private final List<Integer> labels = new ArrayList<>();

    private Neocognitron(List<Stage> stages) {
        this.stages = stages;
        cells = stages.stream().map(s -> new SCells(s.window, s.threshold)).toList();
    }

    /**
     * For gray images of values from 0 to 1; only the first stage knows its features yet.
     *
     * @param orientations of edges in the first stage
     * @param stages from below; the last one has blur 0
     */
    public static Neocognitron of(int orientations, Stage... stages) {
        if (orientations < 1 || stages.length < 2 || stages[stages.length - 1].blur != 0
                || Arrays.stream(stages).limit(stages.length - 1).anyMatch(s -> s.blur == 0)) {
            throw new IllegalArgumentException("neocognitron: needs orientations and two or more stages of which the last one alone has"
                    + " blur 0, not " + orientations + " and " + Arrays.toString(stages));
        }
        Neocognitron net = new Neocognitron(List.of(stages));
        try (var _ = Scope.open()) {
            for (int k = 0; k < orientations; k++) {
                int side = 2 * (SPOT + stages[0].window) + 1;
                net.cells.getFirst().add(contrast(edge(2 * Math.PI * k / orientations, side)), side * side / 2);
            }
        }
        return net;
    }

    /** Dark on one side of a line through the middle, light on the other. */
    private static Tensor edge(double angle, int side) {
        float[] pixels = new float[side * side];
        for (int i = 0; i < pixels.length; i++) {
            double across = (i % side - side / 2) * Math.cos(angle) + (i / side - side / 2) * Math.sin(angle);
            pixels[i] = (float) (1 / (1 + Math.exp(-4 * across)));
        }
        return Tensor.of(pixels, 1, 1, side, side);
    }

    /** Spots lighter, then spots darker than what surrounds them: [N, 1, H, W] to [N, 2, H, W]. */
    public static Tensor contrast(Tensor images) {
        float[] centre = Normalization.gaussian(SPOT, CENTRE).toFloats();
        float[] surround = Normalization.gaussian(SPOT, SURROUND).toFloats();
        float[] both = new float[2 * centre.length];
        for (int i = 0; i < centre.length; i++) {
            both[i] = centre[i] - surround[i];
            both[centre.length + i] = -both[i];
        }
        return images.conv2d(Tensor.of(both, 2, 1, SPOT, SPOT), null, Window2d.of(SPOT).pad(SPOT / 2), 1).relu();
    }

    /** The number of stages. */
    public int stages() {
        return stages.size();
    }

    /** The S-cells of a stage, counted from 0. */
    public SCells cells(int stage) {
        return cells.get(stage);
    }

    /** What the S-cells of a stage make of images [N, 1, H, W]: [N, planes, ...]. */
    public Tensor simple(Tensor images, int stage) {
        return cells.get(stage).apply(below(images, stage));
    }

    /** What the C-cells of a stage make of images [N, 1, H, W]: [N, planes, ...]; the highest stage gives [N, planes, 1, 1]. */
    public Tensor complex(Tensor images, int stage) {
        Tensor u = simple(images, stage);
        Stage s = stages.get(stage);
        long planes = u.shape().dim(1);
        if (s.blur == 0) {
            return Pooling.adaptiveMax(u, 1, 1);
        }
        Tensor d = Normalization.gaussian(s.blur, s.blur / 4.0).reshape(1, 1, s.blur, s.blur).broadcastTo(planes, 1, s.blur, s.blur);
        return u.square().conv2d(d, null, Window2d.of(s.blur).pad(s.blur / 2).stride(s.stride), planes).relu().sqrt();
    }

    private Tensor below(Tensor images, int stage) {
        return stage == 0 ? contrast(images) : complex(images, stage - 1);
    }

    /**
     * Shows images to a stage above the first, which learns from them without labels; the stages below must have learned before.
     *
     * @param images [N, 1, H, W]
     * @param likeness see {@link SCells#learn}
     */
    public void learn(Tensor images, int stage, double likeness) {
        if (stage < 1 || stage >= stages.size()) {
            throw new IllegalArgumentException("neocognitron: stages 1 to " + (stages.size() - 1) + " learn, not " + stage);
        }
        for (long from = 0; from < images.shape().dim(0); from += CHUNK) {
            try (var _ = Scope.open()) {
                cells.get(stage).learn(below(chunk(images, from), stage), likeness);
            }
        }
    }

    /**
     * Shows images with their classes to the highest stage (competitive learning, 2003): where the strongest plane stands for the
     * right class, it takes in what it sees; where not, a plane for this class is added that looks for just this image.
     *
     * @param images [N, 1, H, W]
     * @return the number of planes that were added
     */
    public int learn(Tensor images, int[] classes) {
        if (classes.length != images.shape().dim(0)) {
            throw new IllegalArgumentException("neocognitron: " + classes.length + " classes for images " + images.shape());
        }
        int before = labels.size();
        for (int from = 0; from < classes.length; from += CHUNK) {
            try (var _ = Scope.open()) {
                Tensor x = below(chunk(images, from), stages.size() - 1);
                for (int i = 0; i < x.shape().dim(0); i++) {
                    learn(x.slice(0, i, 1), classes[from + i]);
                }
            }
        }
        return labels.size() - before;
    }

    private void learn(Tensor x, int label) {
        SCells top = cells.getLast();
        if (!labels.isEmpty()) {
            float[] u = top.apply(x).toFloats();
            int area = u.length / top.planes();
            int best = SCells.strongest(u);
            if (u[best] > 0 && labels.get(best / area) == label) {
                top.reinforce(best / area, x, best % area);
                return;
            }
        }
        top.add(x, top.mostActive(x));
        labels.add(label);
    }

    /** The class that a plane of the highest stage stands for. */
    public int label(int plane) {
        return labels.get(plane);
    }

    /** The class of each of the images [N, 1, H, W]: what the strongest plane of the highest stage stands for. */
    public int[] classes(Tensor images) {
        if (labels.isEmpty() || labels.size() != cells.getLast().planes()) {
            throw new IllegalStateException("neocognitron: the highest stage has not learned classes");
        }
        return Arrays.stream(winners(images)).map(labels::get).toArray();
    }

    /** The plane of the highest stage that responds most to each of the images [N, 1, H, W]. */
    public int[] winners(Tensor images) {
        int[] winners = new int[Math.toIntExact(images.shape().dim(0))];
        for (int from = 0; from < winners.length; from += CHUNK) {
            try (var _ = Scope.open()) {
                int[] some = complex(chunk(images, from), stages.size() - 1).reshape(-1, cells.getLast().planes()).argmax(1).toInts();
                System.arraycopy(some, 0, winners, from, some.length);
            }
        }
        return winners;
    }

    private static Tensor chunk(Tensor images, long from) {
        return images.slice(0, from, Math.min(CHUNK, images.shape().dim(0) - from));
    }
}

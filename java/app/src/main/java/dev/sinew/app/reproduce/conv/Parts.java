package dev.sinew.app.reproduce.conv;

import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.app.reproduce.conv.PartModel.Found;
import dev.sinew.app.reproduce.conv.PartModel.Part;
import dev.sinew.data.Dataset;
import dev.sinew.functional.Resampling;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Latent part models: templates held together by springs, found by a net and by dynamic programming. */
final class Parts implements Reproduction {
    private static final int SIDE = 9;
    private static final int FIGURE = 48;
    private static final int DIGIT = 32;
    private static final double NOISE = 0.5;
    private static final double JITTER = 1.5;
    /** Between ink and paper: ink beside a part's own speaks against it. */
    private static final double GROUND = 0.3;
    private static final double DIGIT_NOISE = 0.35;
    private static final double DIGIT_JITTER = 1.5;
    /** So stiff that a displacement never pays. */
    private static final double RIGID = 1e3;
    private static final int CHUNK = 4;
    private static final String[] NAMES = {"torso", "head", "left arm", "right arm", "left hand", "right hand", "left leg", "right leg"};
    private static final int[][] JOINTS = {{-1, 0, 0}, {0, -9, 0}, {0, -3, -8}, {0, -3, 8}, {2, -7, -4}, {3, -7, 4}, {0, 8, -4}, {0, 8, 4}};

    /** An image with the true places of its parts; the digit it was made of, and its class. */
    private record Scene(double[] image, int[] places, double[] whole, int label) {}

    @Override
    public String id() {
        return "parts";
    }

    @Override
    public String title() {
        return "Part models: templates and springs as a net";
    }

    @Override
    public String about() {
        return "Parts fit the image at their places and hang on each other by springs, `S(x, z) = sum_i w_i . phi(x, z_i) - sum_ij a |z_i - z_j - anchor|^2`,"
                + " and the best places z count. That is a net: a convolution for all `w_i`, a generalised maximum pooling"
                + " `y[p] = max_q x[q] - a (q - p - anchor)^2` (a distance transform) for each spring, sums, and a maximum at the end; the places are"
                + " where its gradient arrives. Here templates and springs are those of the figures' likelihood, not trained.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        figures(lab, findings);
        digits(lab, findings);
    }

    // ---- figures ----

    private static void figures(Lab lab, Findings findings) {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < NAMES.length; i++) {
            parts.add(new Part(look(i), JOINTS[i][0], JOINTS[i][1], JOINTS[i][2], 1 / (2 * JITTER * JITTER)));
        }
        PartModel model = new PartModel(parts, SIDE, NOISE, GROUND);
        List<Scene> scenes = new ArrayList<>();
        for (int i = 0; i < lab.pick(24, 200); i++) {
            scenes.add(figure(model, lab.seed().derive("figure" + i)));
        }
        Found found = find(model, scenes, FIGURE);
        double difference = 0;
        int same = 0;
        int compared = lab.pick(3, 20);
        for (int i = 0; i < compared; i++) {
            lab.say("dynamic programming, image %d of %d", i + 1, compared);
            Found exact = model.byProgramming(scenes.get(i).image, FIGURE, FIGURE);
            difference = Math.max(difference, Math.abs(exact.scores()[0] - found.scores()[i]) / Math.abs(exact.scores()[0]));
            same += Arrays.equals(exact.places()[0], found.places()[i]) ? 1 : 0;
        }
        findings.atMost("score of the net to dynamic programming: relative difference", 1e-4, difference, "%.1e");
        findings.equal("images where both find the same places of all parts", compared, same);
        double springs = error(found, scenes, FIGURE);
        double rigid = error(find(model.springs(RIGID), scenes, FIGURE), scenes, FIGURE);
        double free = error(find(model.springs(0), scenes, FIGURE), scenes, FIGURE);
        findings.atMost("figures: mean error of the places, in pixels", 1, springs, "%.2f");
        findings.atLeast("figures: parts found to within 1.5 pixels", 0.9, within(found, scenes), "%.3f");
        findings.check("figures: error with springs to that of a rigid template", "smaller", text(springs) + " to " + text(rigid), springs < rigid);
        findings.check("figures: error with springs to that of parts by themselves", "smaller", text(springs) + " to " + text(free), springs < free);
        List<BufferedImage> pictures = new ArrayList<>();
        List<String> captions = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            pictures.add(drawn(scenes.get(i), found.places()[i], FIGURE, model));
            captions.add(String.format(Locale.ROOT, "figure %d, score %.0f", i + 1, found.scores()[i]));
        }
        findings.plot(Plot.grid(pictures, captions, 3, 250), "Figures of eight jittered parts (torso, head, arms, hands, legs) among stray parts and in noise."
                + " Boxes: where the model finds each part (solid line: joined to its parent); crosses: where they are.");
    }

    /** What a part looks like, of 9 x 9 pixels: block, ring, slanted bars, crosses, upright bars. */
    private static double[] look(int part) {
        double[] t = new double[SIDE * SIDE];
        for (int i = 0; i < t.length; i++) {
            int y = i / SIDE - SIDE / 2;
            int x = i % SIDE - SIDE / 2;
            boolean ink = switch (part) {
                case 0 -> Math.abs(x) <= 2 && Math.abs(y) <= 4;
                case 1 -> x * x + y * y <= 13 && x * x + y * y >= 5;
                case 2 -> Math.abs(x - y) <= 1 && Math.abs(x) <= 3;
                case 3 -> Math.abs(x + y) <= 1 && Math.abs(x) <= 3;
                case 4, 5 -> (x == 0 || y == 0) && Math.abs(x) <= 3 && Math.abs(y) <= 3;
                default -> Math.abs(x) <= 1 && Math.abs(y) <= 3;
            };
            t[i] = ink ? 1 : 0;
        }
        return t;
    }

    private static Scene figure(PartModel model, Seed seed) {
        Random random = new Random(seed.value());
        double[] image = new double[FIGURE * FIGURE];
        int[] places = new int[model.parts().size()];
        for (int i = 0; i < places.length; i++) {
            Part p = model.parts().get(i);
            int row = i == 0 ? 21 + random.nextInt(7) : places[p.parent()] / FIGURE + p.dy() + (int) Math.round(JITTER * random.nextGaussian());
            int column = i == 0 ? 20 + random.nextInt(9) : places[p.parent()] % FIGURE + p.dx() + (int) Math.round(JITTER * random.nextGaussian());
            places[i] = Math.clamp(row, 0, FIGURE - 1) * FIGURE + Math.clamp(column, 0, FIGURE - 1);
            stamp(image, FIGURE, p.template(), places[i]);
        }
        for (int stray = 0; stray < 6; stray++) {
            stamp(image, FIGURE, model.parts().get(1 + random.nextInt(places.length - 1)).template(), random.nextInt(FIGURE * FIGURE));
        }
        for (int i = 0; i < image.length; i++) {
            image[i] += NOISE * random.nextGaussian();
        }
        return new Scene(image, places, null, 0);
    }

    /** Puts a template into an image, where it is brighter than what is there. */
    private static void stamp(double[] image, int columns, double[] template, int place) {
        for (int i = 0; i < template.length; i++) {
            int row = place / columns + i / SIDE - SIDE / 2;
            int column = place % columns + i % SIDE - SIDE / 2;
            if (row >= 0 && row < image.length / columns && column >= 0 && column < columns) {
                image[row * columns + column] = Math.max(image[row * columns + column], template[i]);
            }
        }
    }

    // ---- digits ----

    private static void digits(Lab lab, Findings findings) throws IOException {
        Dataset train = lab.digits().train();
        Dataset test = lab.digits().test();
        double[][] means = new double[10][];
        try (var _ = Scope.open()) {
            double[][] sums = new double[10][64];
            int[] counts = new int[10];
            for (int i = 0; i < train.size(); i++) {
                double[] pixels = Plot.doubles(train.input(i));
                int label = train.label(i);
                counts[label]++;
                Arrays.setAll(sums[label], k -> sums[label][k] + pixels[k]);
            }
            for (int c = 0; c < 10; c++) {
                int n = counts[c];
                means[c] = enlarged(Arrays.stream(sums[c]).map(v -> v / n).toArray());
            }
        }
        double ground = Arrays.stream(means).flatMapToDouble(Arrays::stream).average().orElseThrow();
        List<PartModel> models = Arrays.stream(means).map(mean -> quarters(mean, ground)).toList();
        List<Scene> scenes = new ArrayList<>();
        for (int i = 0; i < lab.pick(30, 360); i++) {
            try (var _ = Scope.open()) {
                scenes.add(torn(enlarged(Plot.doubles(test.input(i))), test.label(i), lab.seed().derive("digit" + i)));
            }
        }
        double[] accuracy = new double[2];
        double error = 0;
        double rigidError = 0;
        List<BufferedImage> pictures = new ArrayList<>();
        List<String> captions = new ArrayList<>();
        for (int i = 0; i < scenes.size(); i++) {
            PartModel own = quarters(scenes.get(i).whole, ground);
            List<Scene> one = List.of(scenes.get(i));
            int[] found = find(own, one, DIGIT).places()[0];
            error += error(one.getFirst(), found, DIGIT) / scenes.size();
            if (i < 10) {
                pictures.add(drawn(one.getFirst(), found, DIGIT, own));
                captions.add("a torn " + one.getFirst().label);
            }
            rigidError += error(one.getFirst(), find(own.springs(RIGID), one, DIGIT).places()[0], DIGIT) / scenes.size();
        }
        for (int rigid = 0; rigid < 2; rigid++) {
            Found[] found = new Found[10];
            for (int c = 0; c < 10; c++) {
                lab.say("digits: model of %d%s", c, rigid == 1 ? ", rigid" : "");
                found[c] = find(rigid == 1 ? models.get(c).springs(RIGID) : models.get(c), scenes, DIGIT);
            }
            for (int i = 0; i < scenes.size(); i++) {
                Scene scene = scenes.get(i);
                int best = 0;
                for (int c = 1; c < 10; c++) {
                    best = found[c].scores()[i] > found[best].scores()[i] ? c : best;
                }
                accuracy[rigid] += best == scene.label ? 1.0 / scenes.size() : 0;
            }
        }
        findings.atMost("digits: mean error of their own quarters' places, in pixels", 1.5, error, "%.2f");
        findings.check("digits: error with springs to that of a rigid template", "smaller", text(error) + " to " + text(rigidError), error < rigidError);
        findings.check("digits: share recognised by the best of ten models, to that of rigid templates", "higher",
                String.format(Locale.ROOT, "%.3f to %.3f", accuracy[0], accuracy[1]), accuracy[0] > accuracy[1]);
        findings.plot(Plot.grid(pictures, captions, 5, 150), "Test digits cut into quarters, which are moved by chance (deviation " + DIGIT_JITTER
                + " pixels) and overlap. Boxes: where the springs and the digit's own quarters find them; crosses: where they are. For the"
                + " recognition above, the quarters of each class's mean serve instead.");
    }

    /** 8 x 8 to 16 x 16. */
    private static double[] enlarged(double[] digit) {
        return Resampling.resize(new Photo(digit, 1, 8, 8).tensor(), Resampling.Mode.LINEAR, 16, 16).toDoubles();
    }

    /** A quarter of a digit as a template: its 8 x 8 pixels and a last row and column of one brightness. */
    private static double[] quarter(double[] digit, int which, double edge) {
        double[] t = new double[SIDE * SIDE];
        Arrays.fill(t, edge);
        for (int i = 0; i < 64; i++) {
            t[i / 8 * SIDE + i % 8] = digit[(which / 2 * 8 + i / 8) * 16 + which % 2 * 8 + i % 8];
        }
        return t;
    }

    /** Four parts around an empty root. */
    private static PartModel quarters(double[] mean, double ground) {
        double[] nothing = new double[SIDE * SIDE];
        Arrays.fill(nothing, ground);
        List<Part> parts = new ArrayList<>(List.of(new Part(nothing, -1, 0, 0, 0)));
        for (int k = 0; k < 4; k++) {
            parts.add(new Part(quarter(mean, k, ground), 0, 8 * (k / 2) - 4, 8 * (k % 2) - 4, 1 / (2 * DIGIT_JITTER * DIGIT_JITTER)));
        }
        return new PartModel(parts, SIDE, DIGIT_NOISE, ground);
    }

    private static Scene torn(double[] digit, int label, Seed seed) {
        Random random = new Random(seed.value());
        double[] image = new double[DIGIT * DIGIT];
        int middle = DIGIT / 2 * (DIGIT + 1);
        int[] places = {middle, 0, 0, 0, 0};
        for (int k = 0; k < 4; k++) {
            int row = 8 * (k / 2) - 4 + (int) Math.round(DIGIT_JITTER * random.nextGaussian());
            int column = 8 * (k % 2) - 4 + (int) Math.round(DIGIT_JITTER * random.nextGaussian());
            places[k + 1] = middle + row * DIGIT + column;
            stamp(image, DIGIT, quarter(digit, k, 0), places[k + 1]);
        }
        for (int i = 0; i < image.length; i++) {
            image[i] += 0.2 * random.nextGaussian();
        }
        return new Scene(image, places, digit, label);
    }

    // ---- both ----

    private static Found find(PartModel model, List<Scene> scenes, int side) {
        double[] scores = new double[scenes.size()];
        int[][] places = new int[scenes.size()][];
        for (int from = 0; from < scores.length; from += CHUNK) {
            int n = Math.min(CHUNK, scores.length - from);
            float[] pixels = new float[n * side * side];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (float) scenes.get(from + i / (side * side)).image[i % (side * side)];
            }
            try (var _ = Scope.open()) {
                Found found = model.byNet(Tensor.of(pixels, n, 1, side, side));
                System.arraycopy(found.scores(), 0, scores, from, n);
                System.arraycopy(found.places(), 0, places, from, n);
            }
        }
        return new Found(scores, places);
    }

    private static double distance(int a, int b, int columns) {
        return Math.hypot(a / columns - b / columns, a % columns - b % columns);
    }

    /** The mean over the parts; an empty root has no true place of its own. */
    private static double error(Scene scene, int[] found, int columns) {
        int first = columns == DIGIT ? 1 : 0;
        double sum = 0;
        for (int i = first; i < found.length; i++) {
            sum += distance(found[i], scene.places[i], columns);
        }
        return sum / (found.length - first);
    }

    private static double error(Found found, List<Scene> scenes, int columns) {
        double sum = 0;
        for (int i = 0; i < scenes.size(); i++) {
            sum += error(scenes.get(i), found.places()[i], columns);
        }
        return sum / scenes.size();
    }

    private static double within(Found found, List<Scene> scenes) {
        int near = 0;
        int all = 0;
        for (int i = 0; i < scenes.size(); i++) {
            for (int p = 0; p < found.places()[i].length; p++, all++) {
                near += distance(found.places()[i][p], scenes.get(i).places[p], FIGURE) <= 1.5 ? 1 : 0;
            }
        }
        return (double) near / all;
    }

    private static BufferedImage drawn(Scene scene, int[] found, int side, PartModel model) {
        int z = 500 / side;
        BufferedImage image = new BufferedImage(z * side, z * side, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.drawImage(new Photo(scene.image, 1, side, side).picture(-1, 2), 0, 0, z * side, z * side, null);
        for (int i = side == DIGIT ? 1 : 0; i < found.length; i++) {
            int x = z * (found[i] % side) + z / 2;
            int y = z * (found[i] / side) + z / 2;
            g.setColor(i == 0 ? Color.WHITE : Plot.colour(i - 1));
            g.setStroke(new BasicStroke(4));
            g.drawRect(x - 4 * z, y - 4 * z, 8 * z, 8 * z);
            int parent = model.parts().get(i).parent();
            if (parent >= 0) {
                g.drawLine(x, y, z * (found[parent] % side) + z / 2, z * (found[parent] / side) + z / 2);
            }
            g.setStroke(new BasicStroke(3));
            g.setColor(Color.RED);
            int tx = z * (scene.places[i] % side) + z / 2;
            int ty = z * (scene.places[i] / side) + z / 2;
            g.drawLine(tx - 8, ty - 8, tx + 8, ty + 8);
            g.drawLine(tx - 8, ty + 8, tx + 8, ty - 8);
        }
        g.dispose();
        return image;
    }

    private static String text(double v) {
        return String.format(Locale.ROOT, "%.2f", v);
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(getClass(), PartModel.class);
    }
}

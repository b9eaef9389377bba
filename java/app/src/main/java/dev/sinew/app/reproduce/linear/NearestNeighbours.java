package dev.sinew.app.reproduce.linear;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.data.Split;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** k nearest neighbours: all distances by one matrix product. */
final class NearestNeighbours implements Reproduction {
    private static final int K = 5;
    private static final int CHUNK = 500;

    @Override
    public String id() {
        return "knn";
    }

    @Override
    public String title() {
        return "k nearest neighbours, beside the nets";
    }

    @Override
    public String about() {
        return "An image gets the class that is most frequent among the k training images nearest to it. All distances come from one product:"
                + " `|a - b|^2 = |a|^2 - 2 a . b + |b|^2`. The deck gives 96.8 % on MNIST; on the data here nets trained on the same images stand beside.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        try (var _ = Scope.open()) {
            Split digits = lab.digits();
            double onDigits = accuracy(digits, lab, null);
            findings.atLeast("digits: test accuracy, k = 5", 0.95, onDigits, "%.4f");
            Split garments = Comparison.garments(lab);
            List<BufferedImage> pictures = new ArrayList<>();
            double onGarments = accuracy(garments, lab, pictures);
            findings.atLeast("Fashion-MNIST: test accuracy, k = 5", lab.pick(0.80, 0.85), onGarments, "%.4f");
            lab.say("nets on the same data");
            double mlp = Comparison.net(lab, garments, false, lab.pick(6, 12));
            double lenet = Comparison.net(lab, garments, true, lab.pick(6, 12));
            findings.check("Fashion-MNIST: LeNet-5 beside k-NN", "better", percent(lenet) + " to " + percent(onGarments), lenet > onGarments);
            rows.add(List.of("5 nearest neighbours", percent(onDigits), percent(onGarments), "96.8 %"));
            rows.add(List.of("784-256-128-10, ReLU", "", percent(mlp), ""));
            rows.add(List.of("LeNet-5, ReLU", "", percent(lenet), ""));
            findings.table("Test accuracy" + (lab.quick() ? " (Fashion-MNIST: 12,000 images to learn from, 2,000 to test)" : ""),
                    List.of("", "digits", "Fashion-MNIST", "MNIST, in the deck"), rows);
            findings.plot(Plot.grid(pictures, List.of(), K + 1, 72), "Test images (left column) and their five nearest training images.");
        }
    }

    /** Also puts the first images with their neighbours into {@code pictures}, where there are to be some. */
    private static double accuracy(Split data, Lab lab, List<BufferedImage> pictures) throws IOException {
        int n = Math.toIntExact(data.train().size());
        int width = Math.toIntExact(data.train().inputShape().count());
        float[] train = images(data.train(), 0, n);
        Tensor b = Tensor.of(train, n, width).transpose();
        float[] squares = squares(train, width);
        int right = 0;
        for (int from = 0; from < data.test().size(); from += CHUNK) {
            lab.say("%d of %d", from, data.test().size());
            int rows = (int) Math.min(CHUNK, data.test().size() - from);
            float[] test = images(data.test(), from, rows);
            float[] products;
            try (var _ = Scope.open()) {
                products = Tensor.of(test, rows, width).matmul(b).toFloats();
            }
            for (int row = 0; row < rows; row++) {
                int[] near = nearest(products, row * n, squares);
                right += vote(data.train(), near) == data.test().label(from + row) ? 1 : 0;
                if (pictures != null && from == 0 && row < 5) {
                    show(data, row, near, pictures);
                }
            }
        }
        return (double) right / data.test().size();
    }

    private static float[] images(Dataset data, int from, int count) {
        int width = Math.toIntExact(data.inputShape().count());
        float[] values = new float[count * width];
        for (int i = 0; i < count; i++) {
            System.arraycopy(data.input(from + i), 0, values, i * width, width);
        }
        return values;
    }

    private static float[] squares(float[] values, int width) {
        float[] squares = new float[values.length / width];
        for (int i = 0; i < values.length; i++) {
            squares[i / width] += values[i] * values[i];
        }
        return squares;
    }

    /** The K nearest, nearest first; |a|^2 is the same for all. */
    private static int[] nearest(float[] products, int offset, float[] squares) {
        int[] near = new int[K];
        float[] distance = new float[K];
        int found = 0;
        for (int j = 0; j < squares.length; j++) {
            float d = squares[j] - 2 * products[offset + j];
            if (found < K || d < distance[K - 1]) {
                int at = found < K ? found++ : K - 1;
                for (; at > 0 && distance[at - 1] > d; at--) {
                    distance[at] = distance[at - 1];
                    near[at] = near[at - 1];
                }
                distance[at] = d;
                near[at] = j;
            }
        }
        return near;
    }

    /** The most frequent class; among equally frequent ones that of the nearest. */
    private static int vote(Dataset train, int[] near) throws IOException {
        int[] votes = new int[train.classes()];
        for (int j : near) {
            votes[train.label(j)]++;
        }
        int best = train.label(near[0]);
        for (int j : near) {
            best = votes[train.label(j)] > votes[best] ? train.label(j) : best;
        }
        return best;
    }

    private static void show(Split data, int row, int[] near, List<BufferedImage> pictures) {
        pictures.add(picture(data.test(), row));
        for (int j : near) {
            pictures.add(picture(data.train(), j));
        }
    }

    private static BufferedImage picture(Dataset data, long index) {
        double[] pixels = Plot.doubles(data.input(index));
        double least = java.util.Arrays.stream(pixels).min().orElse(0);
        double most = java.util.Arrays.stream(pixels).max().orElse(1);
        int side = (int) data.inputShape().dim(1);
        return Plot.gray(java.util.Arrays.stream(pixels).map(v -> (v - least) / (most - least)).toArray(), side, side);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}

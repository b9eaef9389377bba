package dev.sinew.app.reproduce.conv;

import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.data.ArrayDataset;
import dev.sinew.data.Dataset;
import dev.sinew.data.Mnist;
import dev.sinew.data.Split;
import dev.sinew.functional.Resampling;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Schedule;
import dev.sinew.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** A net trained on one half of Fashion-MNIST's classes, and tasks to carry it over to. */
final class Transfer {
    private static final int SIDE = 28;
    private static final int[] FIRST_HALF = {0, 1, 2, 3, 4};
    private static final int[] SECOND_HALF = {5, 6, 7, 8, 9};
    /** The layer before the last. */
    static final String FEATURES = "maxpool3";

    private static String trainedBy = "";
    private static float[][] trained;

    /**
     * Images of other classes.
     *
     * @param labels from 0, of the pool to learn from
     */
    record Task(String name, float[][] pool, int[] labels, ArrayDataset test, int classes) {
        /** So many images of each class. */
        ArrayDataset few(int perClass, Seed seed) {
            SplittableRandom random = new SplittableRandom(seed.value());
            int[] order = IntStream.range(0, labels.length).toArray();
            int[] left = new int[classes];
            Arrays.fill(left, perClass);
            List<Integer> chosen = new ArrayList<>();
            for (int i = order.length - 1; i >= 0; i--) {
                int swap = random.nextInt(i + 1);
                int at = order[swap];
                order[swap] = order[i];
                if (left[labels[at]]-- > 0) {
                    chosen.add(at);
                }
            }
            return data(chosen.stream().map(i -> pool[i]).toArray(float[][]::new), chosen.stream().mapToInt(i -> labels[i]).toArray(), classes);
        }
    }

    private Transfer() {}

    /** The net for so many classes, with first values by the seed. */
    static Network fresh(int classes, Seed seed) {
        return Network.input(1, SIDE, SIDE).conv(16, 3, 1).relu().maxPool(2).conv(32, 3, 1).relu().maxPool(2).conv(64, 3, 1).relu().maxPool(2)
                .dropout(0.4).dense(classes).build(seed);
    }

    /** The net that learned to tell the first five classes of Fashion-MNIST and their quarter turns apart, once in a run of the program. */
    static synchronized Network pretrained(Lab lab) throws IOException {
        Network net = fresh(4 * FIRST_HALF.length, lab.seed().derive("transfer"));
        String by = lab.seed() + " " + lab.quick() + " " + lab.data();
        if (!by.equals(trainedBy)) {
            float[][][] pixels = new float[1][][];
            int[] labels = read(lab.fashion().train().head(lab.pick(24_000L, 60_000L)), FIRST_HALF, pixels);
            for (int i = 0; i < labels.length; i++) {
                pixels[0][i] = turned(pixels[0][i], i % 4);
                labels[i] = 4 * labels[i] + i % 4;
            }
            var run = Trainer.of(net, Loss.crossEntropy(), Adam.rate(Schedule.cosine(0.002))).batch(64).epochs(lab.pick(2, 10)).seed(lab.seed())
                    .fit(data(pixels[0], labels, 4 * FIRST_HALF.length));
            lab.say("pretrained: accuracy %.3f on its own task", run.history().getLast().trainAccuracy());
            trained = net.parameters().values().stream().map(Tensor::toFloats).toArray(float[][]::new);
            trainedBy = by;
        } else {
            int i = 0;
            for (Tensor parameter : net.parameters().values()) {
                parameter.copyFrom(trained[i++]);
            }
        }
        return net;
    }

    /** The other half of Fashion-MNIST's classes; digits enlarged to its size, or MNIST when its folder is named. */
    static List<Task> tasks(Lab lab) throws IOException {
        Split mnist = lab.folderOf("mnist") == null ? null : Mnist.load(lab.folderOf("mnist"));
        int[] ten = IntStream.range(0, 10).toArray();
        return List.of(task("Fashion-MNIST, the other five classes", lab, lab.fashion(), SECOND_HALF),
                mnist == null ? task("digits, enlarged to 28 x 28", lab, lab.digits(), ten) : task("MNIST", lab, mnist, ten));
    }

    private static Task task(String name, Lab lab, Split data, int[] classes) throws IOException {
        float[][][] pool = new float[1][][];
        float[][][] test = new float[1][][];
        int[] labels = read(data.train().head(lab.pick(8000L, 60_000L)), classes, pool);
        int[] testLabels = read(data.test().head(lab.pick(2000L, 10_000L)), classes, test);
        return new Task(name, pool[0], labels, data(test[0], testLabels, classes.length), classes.length);
    }

    private static ArrayDataset data(float[][] pixels, int[] labels, int classes) {
        return ArrayDataset.of(Cells.flat(pixels), Shape.of(1, SIDE, SIDE), labels, classes);
    }

    /** The images of some classes, labelled by the place in the list; small images are enlarged. */
    private static int[] read(Dataset data, int[] classes, float[][][] pixels) throws IOException {
        List<float[]> images = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (long i = 0; i < data.size(); i++) {
            int label = Arrays.binarySearch(classes, data.label(i));
            if (label >= 0) {
                images.add(data.inputShape().count() == SIDE * SIDE ? data.input(i) : enlarged(data.input(i)));
                labels.add(label);
            }
        }
        pixels[0] = images.toArray(float[][]::new);
        return labels.stream().mapToInt(i -> i).toArray();
    }

    /** Turned by so many quarters. */
    private static float[] turned(float[] image, int quarters) {
        float[] turned = image;
        for (int q = 0; q < quarters; q++) {
            float[] next = new float[image.length];
            for (int i = 0; i < next.length; i++) {
                next[i] = turned[i % SIDE * SIDE + SIDE - 1 - i / SIDE];
            }
            turned = next;
        }
        return turned;
    }

    /** A digit of 8 x 8 pixels from 0 to 1, on Fashion-MNIST's scale and size. */
    private static float[] enlarged(float[] digit) {
        try (var _ = Scope.open()) {
            Tensor large = Resampling.resize(Tensor.of(digit, 1, 1, 8, 8), Resampling.Mode.LINEAR, SIDE, SIDE);
            return large.sub(0.2860).mul(1 / 0.3530).toFloats();
        }
    }

    /** The features of images, each image's scaled to length 1. */
    static ArrayDataset features(Network net, ArrayDataset data) {
        int size = (int) data.size();
        float[][] features = new float[size][];
        int[] labels = new int[size];
        for (int from = 0; from < size; from += 500) {
            int n = Math.min(500, size - from);
            float[][] images = new float[n][];
            for (int i = 0; i < n; i++) {
                images[i] = data.input(from + i);
                labels[from + i] = data.label(from + i);
            }
            try (var _ = Scope.open()) {
                float[] part = net.activations(Tensor.of(Cells.flat(images), n, 1, SIDE, SIDE), FEATURES).get(FEATURES).toFloats();
                for (int i = 0; i < n; i++) {
                    features[from + i] = Arrays.copyOfRange(part, i * (part.length / n), (i + 1) * (part.length / n));
                }
            }
        }
        return unit(Cells.flat(features), features[0].length, labels, data.classes());
    }

    /** The pixels themselves, each image scaled to length 1. */
    static ArrayDataset pixels(ArrayDataset data) {
        int size = (int) data.size();
        float[][] images = new float[size][];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            images[i] = data.input(i);
            labels[i] = data.label(i);
        }
        return unit(Cells.flat(images), SIDE * SIDE, labels, data.classes());
    }

    private static ArrayDataset unit(float[] all, int width, int[] labels, int classes) {
        for (int i = 0; i < labels.length; i++) {
            double square = 1e-12;
            for (int k = 0; k < width; k++) {
                square += (double) all[i * width + k] * all[i * width + k];
            }
            for (int k = 0; k < width; k++) {
                all[i * width + k] /= (float) Math.sqrt(square);
            }
        }
        return ArrayDataset.of(all, Shape.of(width), labels, classes);
    }

    /** Test accuracy of a linear classifier with the hinge loss. */
    static double linear(ArrayDataset train, ArrayDataset test, Seed seed) {
        try (Network net = Network.input(train.inputShape().count()).dense(train.classes()).build(seed)) {
            int batch = (int) Math.min(32, train.size());
            return Trainer.of(net, Loss.hinge(), Adam.rate(Schedule.cosine(0.05)).weightDecay(1e-4)).batch(batch)
                    .epochs(Math.max(5, 200 * batch / train.size())).seed(seed).fit(train).evaluate(test).accuracy();
        }
    }

    /** Test accuracy of a net after learning what is not frozen in it. */
    static double learn(Network net, ArrayDataset few, ArrayDataset test, double rate, Seed seed) {
        int batch = (int) Math.min(16, few.size());
        return Trainer.of(net, Loss.crossEntropy(), Adam.rate(Schedule.cosine(rate))).batch(batch).epochs(Math.max(15, 80 * batch / few.size()))
                .seed(seed).fit(few).evaluate(test).accuracy();
    }
}

package dev.sinew.app.playground;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.data.Dataset;
import dev.sinew.data.Digits;
import dev.sinew.data.Split;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Digits drawn by hand: a convolutional net learns the library's digits and the visitor's own, and says what a drawing shows. */
final class Draw extends Study {
    private static final int PIXELS = 64;
    private static final int CLASSES = 10;
    private static final int MOST_OWN = 300;
    /** Of each of the visitor's own, a little turned, slimmer, thicker. */
    private static final int VARIANTS = 12;
    /** Of a batch, when there are own samples. */
    private static final double OWN_SHARE = 0.25;

    /** Pictures and labels of the library's digits, read when the first visitor needs them. */
    private static final class Library {
        static final Samples TRAIN;
        static final Samples TEST;

        static {
            try {
                Split split = Digits.load();
                TRAIN = Samples.of(split.train());
                TEST = Samples.of(split.test());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private record Samples(float[] pictures, int[] labels) {
        static Samples of(Dataset data) throws IOException {
            FloatBuffer pictures = FloatBuffer.allocate((int) data.size() * PIXELS);
            int[] labels = new int[(int) data.size()];
            for (int i = 0; i < labels.length; i++) {
                data.read(i, pictures.slice(i * PIXELS, PIXELS));
                labels[i] = data.label(i);
            }
            return new Samples(pictures.array(), labels);
        }
    }

    private record Own(float[][] pictures, int label) {}

    private final List<Own> own = new ArrayList<>();

    Draw(Rounds rounds) {
        super(rounds);
    }

    @Override
    Design design(String text) {
        return Design.of(text, Shape.of(1, 8, 8), false, CLASSES);
    }

    @Override
    Shape targetShape() {
        return null;
    }

    @Override
    boolean hasData() {
        return true;
    }

    @Override
    void draw(Tensor x, Tensor target) {
        float[] pictures = new float[design.batch() * PIXELS];
        int[] labels = new int[design.batch()];
        for (int i = 0; i < labels.length; i++) {
            if (!own.isEmpty() && random.nextDouble() < OWN_SHARE) {
                Own sample = own.get(random.nextInt(own.size()));
                System.arraycopy(sample.pictures[random.nextInt(VARIANTS)], 0, pictures, i * PIXELS, PIXELS);
                labels[i] = sample.label;
            } else {
                int chosen = random.nextInt(Library.TRAIN.labels.length);
                labels[i] = Library.TRAIN.labels[chosen];
                System.arraycopy(Library.TRAIN.pictures, chosen * PIXELS, pictures, i * PIXELS, PIXELS);
                // pens differ: paler or darker
                float ink = (float) random.nextDouble(0.8, 1.3);
                for (int p = i * PIXELS; p < (i + 1) * PIXELS; p++) {
                    pictures[p] = Math.min(1, ink * pictures[p]);
                }
            }
        }
        x.copyFrom(pictures);
        target.copyFrom(labels);
    }

    @Override
    Map<String, Object> answer(String action, JsonNode body) {
        switch (action) {
            case "add" -> add(Strokes.of(body), Fields.whole(body, "label", 0, CLASSES - 1));
            case "forget" -> own.clear();
            default -> throw Mistake.of("There is no %s here.", action);
        }
        return Map.of("own", counts());
    }

    private void add(Strokes strokes, int label) {
        if (own.size() >= MOST_OWN) {
            throw Mistake.of("There are %d digits of yours already, the most there can be.", MOST_OWN);
        }
        float[][] pictures = new float[VARIANTS][];
        for (int i = 0; i < VARIANTS; i++) {
            pictures[i] = i == 0 ? strokes.picture(0, 1, 1)
                    : strokes.picture(random.nextDouble(-0.15, 0.15), random.nextDouble(0.85, 1.2), random.nextDouble(0.8, 1.3));
        }
        own.add(new Own(pictures, label));
    }

    private int[] counts() {
        int[] counts = new int[CLASSES];
        own.forEach(sample -> counts[sample.label]++);
        return counts;
    }

    @Override
    void picture(JsonNode body, Map<String, Object> frame) {
        int[] labels = Library.TEST.labels;
        int[] said = net.predict(Tensor.of(Library.TEST.pictures, labels.length, 1, 8, 8)).argmax(1).toInts();
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += said[i] == labels[i] ? 1 : 0;
        }
        frame.put("accuracy", (double) right / labels.length);
        frame.put("tested", labels.length);
        frame.put("own", counts());
        if (Fields.has(body, "strokes")) {
            float[] picture = Strokes.of(body).picture(0, 1, 1);
            Map<String, Object> reading = new LinkedHashMap<>();
            byte[] shades = new byte[PIXELS];
            for (int i = 0; i < PIXELS; i++) {
                shades[i] = (byte) Math.round(255 * picture[i]);
            }
            reading.put("picture", Fields.base64(shades));
            reading.put("probabilities", net.predict(Tensor.of(picture, 1, 1, 8, 8)).softmax().toFloats());
            frame.put("reading", reading);
        }
    }
}

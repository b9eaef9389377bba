package dev.sinew.data.transform;

import dev.sinew.Shape;
import dev.sinew.data.Dataset;
import dev.sinew.io.CorruptDataException;
import dev.sinew.io.Json;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * (x - mean) / deviation, with numbers of its own for each channel: each first index of a sample, such as the colours of an
 * image or the features of a line. Fitted to the training part alone, and used for all:
 *
 * {@snippet :
 * Standardize scale = Standardize.fit(parts.train());
 * Dataset train = parts.train().transformed(Seed.of(1), scale);
 * Dataset test = parts.test().transformed(Seed.of(1), scale);
 * }
 *
 * @param mean of each channel
 * @param deviation standard deviation of each, positive
 */
public record Standardize(List<Double> mean, List<Double> deviation) implements Transform {
    /** Checks that there are as many of both, finite, and no deviation is 0. */
    public Standardize {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (mean.isEmpty() || mean.size() != deviation.size()) {
            throw new IllegalArgumentException("standardize: " + mean.size() + " means and " + deviation.size() + " deviations");
        }
        for (int c = 0; c < mean.size(); c++) {
            Images.finite("standardize", "mean", mean.get(c));
            Images.within("standardize", "deviation", deviation.get(c), Double.MIN_NORMAL, Double.MAX_VALUE);
        }
    }

    /**
     * Mean and standard deviation (divided by n) over all samples; the deviation of a channel that never changes is 1.
     *
     * @throws IllegalArgumentException when a value is not finite
     */
    public static Standardize fit(Dataset data) throws IOException {
        Shape shape = data.inputShape();
        int channels = channels(shape);
        int count = Math.toIntExact(shape.count());
        int each = count / channels;
        double[] mean = new double[channels];
        double[] squares = new double[channels];
        float[] sample = new float[count];
        for (long i = 0; i < data.size(); i++) {
            data.read(i, FloatBuffer.wrap(sample));
            for (int c = 0; c < channels; c++) {
                add(sample, c, each, i, mean, squares);
            }
        }
        List<Double> means = new ArrayList<>();
        List<Double> deviations = new ArrayList<>();
        for (int c = 0; c < channels; c++) {
            means.add(mean[c]);
            double deviation = Math.sqrt(squares[c] / ((double) data.size() * each));
            deviations.add(deviation > 0 ? deviation : 1);
        }
        return new Standardize(means, deviations);
    }

    /** Welford's update (1962) by a whole channel at a time (Chan, Golub, LeVeque 1979). */
    private static void add(float[] sample, int c, int each, long before, double[] mean, double[] squares) {
        double sum = 0;
        for (int i = c * each; i < (c + 1) * each; i++) {
            if (!Float.isFinite(sample[i])) {
                throw new IllegalArgumentException("standardize: sample " + before + " holds " + sample[i]);
            }
            sum += sample[i];
        }
        double own = sum / each;
        double spread = 0;
        for (int i = c * each; i < (c + 1) * each; i++) {
            spread += (sample[i] - own) * (sample[i] - own);
        }
        double delta = own - mean[c];
        mean[c] += delta / (before + 1);
        squares[c] += spread + delta * delta * each * before / (before + 1);
    }

    private static int channels(Shape shape) {
        return shape.rank() == 0 ? 1 : (int) shape.dim(0);
    }

    /** What leads back: x deviation + mean. */
    public Standardize undo() {
        List<Double> back = new ArrayList<>();
        List<Double> inverse = new ArrayList<>();
        for (int c = 0; c < mean.size(); c++) {
            back.add(-mean.get(c) / deviation.get(c));
            inverse.add(1 / deviation.get(c));
        }
        return new Standardize(back, inverse);
    }

    /** Writes the numbers as JSON. */
    public void save(Path file) throws IOException {
        Files.writeString(file, Json.write(Map.of("mean", mean, "deviation", deviation)) + "\n");
    }

    /**
     * Reads what {@link #save} wrote, to the bit.
     *
     * @throws CorruptDataException when the file is something else
     */
    public static Standardize load(Path file) throws IOException {
        try {
            if (Json.parse(Files.readString(file).strip()) instanceof Map<?, ?> map) {
                return new Standardize(numbers(map.get("mean")), numbers(map.get("deviation")));
            }
            throw new IllegalArgumentException("no object");
        } catch (IllegalArgumentException | java.nio.charset.CharacterCodingException e) {
            throw new CorruptDataException(file, 0, "means and deviations as JSON", String.valueOf(e.getMessage()), e);
        }
    }

    private static List<Double> numbers(Object value) {
        if (!(value instanceof List<?> list)) {
            throw new IllegalArgumentException("no list of numbers");
        }
        List<Double> numbers = new ArrayList<>();
        for (Object number : list) {
            if (!(number instanceof Number n)) {
                throw new IllegalArgumentException("no list of numbers");
            }
            numbers.add(n.doubleValue());
        }
        return numbers;
    }

    @Override
    public Shape shape(Shape input) {
        if (channels(input) != mean.size()) {
            throw new IllegalArgumentException("standardize: has numbers for " + mean.size() + " channels, the samples are " + input);
        }
        return input;
    }

    @Override
    public float[] apply(float[] values, Shape shape, Draw draw) {
        int each = values.length / mean.size();
        for (int c = 0; c < mean.size(); c++) {
            double m = mean.get(c);
            double d = deviation.get(c);
            for (int i = c * each; i < (c + 1) * each; i++) {
                values[i] = (float) ((values[i] - m) / d);
            }
        }
        return values;
    }

    @Override
    public String toString() {
        return "standardize by mean " + mean + " and deviation " + deviation;
    }
}

package dev.sinew.diagnosis;

import dev.sinew.data.Dataset;
import dev.sinew.nn.Network;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** What a data set is like. */
final class DataExamination {
    private static final long MOST_INPUTS = 256;
    private static final long MOST_VALUES = 4_000_000;
    private static final long MOST_LABELS = 20_000;
    private static final long MOST_COMPARED = 50_000;

    private DataExamination() {}

    /** Samples spread over the whole data set. */
    private static long index(Dataset data, long i, long of) {
        return data.size() <= of ? i : i * (data.size() / of);
    }

    static void inputs(TrainingDoctor.Notes notes, Dataset data) {
        int size = Math.toIntExact(data.inputShape().count());
        long n = Math.max(1, Math.min(Math.min(MOST_INPUTS, data.size()), MOST_VALUES / size));
        double[] values = new double[Math.toIntExact(n * size)];
        for (long i = 0; i < n; i++) {
            float[] sample = data.input(index(data, i, n));
            for (int k = 0; k < size; k++) {
                values[(int) i * size + k] = sample[k];
            }
        }
        Statistics seen = Statistics.of(values);
        if (!seen.isFinite()) {
            notes.error("inputs", "Repair or leave out these samples.", "%d of %d values of %d samples are NaN or infinite", seen.nans() + seen.infinities(),
                    seen.count(), n);
        } else if (seen.deviation() == 0) {
            notes.error("inputs", "Look at how the data are read.", "all values of %d samples are %.4g", n, seen.mean());
        } else if (Math.abs(seen.mean()) > 3 * seen.deviation() || seen.deviation() > 10 || seen.deviation() < 0.05) {
            notes.warning("inputs", "Normalise them to about mean 0 and deviation 1, such as by (x - mean) / deviation of the training data.",
                    "values from %.4g to %.4g, mean %.4g, deviation %.4g", seen.min(), seen.max(), seen.mean(), seen.deviation());
        } else {
            notes.good("inputs", "mean %.4g, deviation %.4g, %.4g to %.4g", seen.mean(), seen.deviation(), seen.min(), seen.max());
        }
    }

    static void targets(TrainingDoctor.Notes notes, Network network, Dataset data) {
        try {
            if (data.classes() > 0) {
                labels(notes, network, data);
            } else {
                numbers(notes, data);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void labels(TrainingDoctor.Notes notes, Network network, Dataset data) throws IOException {
        long[] counts = new long[data.classes()];
        long n = Math.min(MOST_LABELS, data.size());
        for (long i = 0; i < n; i++) {
            int label = data.label(index(data, i, MOST_LABELS));
            if (label < 0 || label >= counts.length) {
                notes.error("labels", "Labels are numbers from 0 to the number of classes - 1.", "sample %d has label %d, there are %d classes",
                        index(data, i, MOST_LABELS), label, counts.length);
                return;
            }
            counts[label]++;
        }
        long outputs = network.architecture().output().dim(0);
        if (outputs < counts.length) {
            notes.error("labels", "Let the last layer have an output for each class.", "%d classes, the network has %d outputs", counts.length, outputs);
            return;
        }
        if (outputs > counts.length) {
            notes.warning("labels", "Let the last layer have as many outputs as there are classes.", "%d classes, the network has %d outputs",
                    counts.length, outputs);
        }
        long there = Arrays.stream(counts).filter(c -> c > 0).count();
        long most = Arrays.stream(counts).max().orElse(0);
        long least = Arrays.stream(counts).min().orElse(0);
        if (there == 1 && counts.length > 1) {
            notes.error("labels", "There is nothing to tell apart: look at how the labels are read.", "all %d samples have the same label", n);
        } else if (there < counts.length && n >= 10L * counts.length) {
            notes.warning("labels", "They cannot be learnt.", "%d of %d classes have no sample among %d", counts.length - there, counts.length, n);
        } else if (most > 10 * Math.max(1, least)) {
            notes.warning("labels", "Weigh the classes in the loss, or draw rare ones more often; look at F1 or balanced accuracy, not at accuracy.",
                    "unbalanced: from %d to %d samples a class among %d", least, most, n);
        } else {
            notes.good("labels", "%d classes with %d to %d samples among %d", counts.length, least, most, n);
        }
    }

    private static void numbers(TrainingDoctor.Notes notes, Dataset data) throws IOException {
        int size = Math.toIntExact(data.targetShape().count());
        long n = Math.max(1, Math.min(Math.min(MOST_INPUTS, data.size()), MOST_VALUES / size));
        double[] values = new double[Math.toIntExact(n * size)];
        for (long i = 0; i < n; i++) {
            FloatBuffer target = FloatBuffer.allocate(size);
            data.readTarget(index(data, i, n), target);
            for (int k = 0; k < size; k++) {
                values[(int) i * size + k] = target.get(k);
            }
        }
        Statistics seen = Statistics.of(values);
        if (!seen.isFinite()) {
            notes.error("targets", "Repair or leave out these samples.", "%d of %d numbers are NaN or infinite", seen.nans() + seen.infinities(), seen.count());
        } else if (seen.deviation() == 0) {
            notes.error("targets", "There is nothing to learn: look at how they are read.", "all %d numbers are %.4g", seen.count(), seen.mean());
        } else if (seen.deviation() > 100 || seen.deviation() < 1e-3) {
            notes.warning("targets", "Predict (target - mean) / deviation instead.", "mean %.4g, deviation %.4g", seen.mean(), seen.deviation());
        } else {
            notes.good("targets", "mean %.4g, deviation %.4g", seen.mean(), seen.deviation());
        }
    }

    static void duplicates(TrainingDoctor.Notes notes, Dataset train, Dataset validation) {
        if (!train.inputShape().equals(validation.inputShape())) {
            notes.error("validation data", "Prepare both in the same way.", "samples of shape %s, those of the training are %s", validation.inputShape(),
                    train.inputShape());
            return;
        }
        Map<Integer, Long> seen = new HashMap<>();
        long n = Math.min(MOST_COMPARED, train.size());
        for (long i = 0; i < n; i++) {
            seen.putIfAbsent(Arrays.hashCode(train.input(i)), i);
        }
        long twice = 0;
        long first = -1;
        long m = Math.min(MOST_COMPARED, validation.size());
        for (long i = 0; i < m; i++) {
            float[] sample = validation.input(i);
            Long like = seen.get(Arrays.hashCode(sample));
            if (like != null && Arrays.equals(sample, train.input(like))) {
                first = twice++ == 0 ? i : first;
            }
        }
        if (twice > 0) {
            notes.warning("validation data", "Take them out of one of the two: results on what was learnt say nothing about what is new.",
                    "%d of %d samples are among the training data, the first is number %d", twice, m, first);
        } else {
            notes.good("validation data", "none of %d samples is among %d training samples", m, n);
        }
    }
}

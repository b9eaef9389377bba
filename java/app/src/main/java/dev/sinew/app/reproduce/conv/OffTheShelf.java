package dev.sinew.app.reproduce.conv;

import dev.sinew.Seed;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.ArrayDataset;
import dev.sinew.nn.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Features of a net that was trained for something else, with a linear classifier on top. */
final class OffTheShelf implements Reproduction {
    private static final int[] LABELS = {2, 5, 10, 20, 50};
    private static final String TRAINED = "maps of the trained net";
    private static final String UNTRAINED = "maps of an untrained net";
    private static final String PIXELS = "pixels";
    private static final String SCRATCH = "none: the whole net from scratch";

    @Override
    public String id() {
        return "features";
    }

    @Override
    public String title() {
        return "Features off the shelf";
    }

    @Override
    public String about() {
        return "A net that was trained for one task is cut off before its last layer, and what comes out there describes images of another task: a linear"
                + " classifier `y = argmax_k w_k . f(x) + b_k` on these features `f(x)`, scaled to length 1, is a strong start (Razavian, Azizpour,"
                + " Sullivan, Carlsson 2014). Here the net knows five classes of Fashion-MNIST and how far"
                + " they are turned (by quarters), and the other classes are to be learned from a few labels,"
                + " as are digits. Beside it: the whole net trained from scratch, and the same classifier on pixels and on the features of a net with random"
                + " weights.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        int draws = lab.pick(2, 10);
        List<List<String>> rows = new ArrayList<>();
        try (Network net = Transfer.pretrained(lab); Network random = Transfer.fresh(5, lab.seed().derive("untrained"))) {
            for (Transfer.Task task : Transfer.tasks(lab)) {
                Map<String, double[]> accuracies = new LinkedHashMap<>();
                Map<String, ArrayDataset> tests = new LinkedHashMap<>();
                for (String kind : List.of(TRAINED, UNTRAINED, PIXELS)) {
                    tests.put(kind, described(kind, net, random, task.test()));
                }
                for (int i = 0; i < LABELS.length; i++) {
                    for (int draw = 0; draw < draws; draw++) {
                        Seed seed = lab.seed().derive(task.name()).derive(LABELS[i]).derive(draw);
                        ArrayDataset few = task.few(LABELS[i], seed);
                        for (var test : tests.entrySet()) {
                            ArrayDataset train = described(test.getKey(), net, random, few);
                            accuracies.computeIfAbsent(test.getKey(), _ -> new double[LABELS.length])[i]
                                    += Transfer.linear(train, test.getValue(), seed) / draws;
                        }
                        try (Network scratch = Transfer.fresh(task.classes(), seed)) {
                            accuracies.computeIfAbsent(SCRATCH, _ -> new double[LABELS.length])[i]
                                    += Transfer.learn(scratch, few, task.test(), 0.001, seed) / draws;
                        }
                    }
                }
                Curves curves = Curves.of(task.name(), "labels for each class", "test accuracy").logarithmicX();
                double[] at = Arrays.stream(LABELS).asDoubleStream().toArray();
                accuracies.forEach((name, values) -> curves.add(name, at, values));
                findings.plot(curves.draw(), task.name() + ": accuracy by the number of labels, mean of " + draws + " draws.");
                boolean related = rows.isEmpty();
                for (String other : related ? List.of(SCRATCH, PIXELS, UNTRAINED) : List.of(SCRATCH)) {
                    double gain = gain(accuracies, TRAINED, other);
                    findings.check(task.name() + ", 5 to 20 labels: gain over " + other.replaceAll(".*: ", ""), "above 0", String.format(Locale.ROOT, "%+.3f", gain), gain > 0);
                }
                if (!related) {
                    findings.text(String.format(Locale.ROOT, "These images look little like clothes. Against the maps of the untrained net the gain of the"
                            + " trained ones is %+.3f, against pixels %+.3f: how much of the features' worth carries over depends on how near the two"
                            + " tasks are.", gain(accuracies, TRAINED, UNTRAINED), gain(accuracies, TRAINED, PIXELS)));
                }
                accuracies.forEach((name, values) -> {
                    List<String> row = new ArrayList<>(List.of(task.name(), name));
                    Arrays.stream(values).forEach(v -> row.add(String.format(Locale.ROOT, "%.3f", v)));
                    rows.add(row);
                });
                lab.say("%s: gain over training from scratch %+.3f", task.name(), gain(accuracies, TRAINED, SCRATCH));
            }
        }
        List<String> header = new ArrayList<>(List.of("task", "classifier on"));
        Arrays.stream(LABELS).forEach(n -> header.add(n + " each"));
        findings.table("Test accuracy by the number of labels for each class.", header, rows);
    }

    /** By how much accuracy is higher, in the mean over 5, 10 and 20 labels for each class. */
    private static double gain(Map<String, double[]> accuracies, String one, String other) {
        return IntStream.range(0, LABELS.length).filter(i -> LABELS[i] >= 5 && LABELS[i] <= 20)
                .mapToDouble(i -> accuracies.get(one)[i] - accuracies.get(other)[i]).average().orElseThrow();
    }

    private static ArrayDataset described(String kind, Network net, Network random, ArrayDataset images) {
        return switch (kind) {
            case TRAINED -> Transfer.features(net, images);
            case UNTRAINED -> Transfer.features(random, images);
            default -> Transfer.pixels(images);
        };
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(OffTheShelf.class, Transfer.class);
    }
}

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
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Three ways to learn from few labels: from scratch, a new last layer on a trained net, and training all of it further. */
final class FineTuning implements Reproduction {
    private static final List<String> WAYS = List.of("from scratch", "frozen features", "fine-tuned");

    @Override
    public String id() {
        return "fine-tune";
    }

    @Override
    public String title() {
        return "Fine-tuning, frozen features, and training from scratch";
    }

    @Override
    public String about() {
        return "A trained net gets a new last layer for other classes. Either only that layer learns, the others being frozen, or all weights are trained"
                + " further from where they are, `w(0) = w(trained)`, with a small rate. With few labels both beat a net that begins with random"
                + " weights; the more labels there are, the more fine-tuning gains over frozen features. The trained net knows five classes of"
                + " Fashion-MNIST and how far they are turned; the new tasks are its other classes, and digits (MNIST when its folder is named).";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        int[] numbers = lab.quick() ? new int[] {5, 50} : new int[] {2, 5, 10, 20, 50, 100, 500};
        int draws = lab.pick(2, 5);
        List<List<String>> rows = new ArrayList<>();
        try (Network trained = Transfer.pretrained(lab)) {
            for (Transfer.Task task : Transfer.tasks(lab)) {
                int[] labels = Arrays.stream(numbers).filter(n -> n <= smallestClass(task)).toArray();
                double[][] accuracies = new double[WAYS.size()][labels.length];
                for (int i = 0; i < labels.length; i++) {
                    for (int draw = 0; draw < draws; draw++) {
                        Seed seed = lab.seed().derive(task.name()).derive(labels[i]).derive(draw);
                        ArrayDataset few = task.few(labels[i], seed);
                        for (int way = 0; way < WAYS.size(); way++) {
                            try (Network net = way == 0 ? Transfer.fresh(task.classes(), seed)
                                    : trained.withHead(Transfer.FEATURES, x -> x.dense(task.classes()).named("head"), seed)) {
                                if (way == 1) {
                                    net.freeze(name -> !name.startsWith("head"));
                                }
                                accuracies[way][i] += Transfer.learn(net, few, task.test(), way == 1 ? 0.01 : 0.001, seed) / draws;
                            }
                        }
                    }
                    lab.say("%s, %d labels each: %.3f, %.3f, %.3f", task.name(), labels[i], accuracies[0][i], accuracies[1][i], accuracies[2][i]);
                }
                int last = labels.length - 1;
                int five = Arrays.binarySearch(labels, 5);
                check(findings, task.name() + ", 5 labels each: fine-tuned less from scratch", accuracies[2][five] - accuracies[0][five]);
                check(findings, task.name() + ", 5 labels each: frozen less from scratch", accuracies[1][five] - accuracies[0][five]);
                check(findings, task.name() + ", " + labels[last] + " labels each: fine-tuned less from scratch", accuracies[2][last] - accuracies[0][last]);
                if (labels[last] == 500) {
                    check(findings, task.name() + ", " + labels[last] + " labels each: fine-tuned less frozen", accuracies[2][last] - accuracies[1][last]);
                }
                Curves curves = Curves.of(task.name(), "labels for each class", "test accuracy").logarithmicX();
                for (int way = 0; way < WAYS.size(); way++) {
                    curves.add(WAYS.get(way), Arrays.stream(labels).asDoubleStream().toArray(), accuracies[way]);
                    List<String> row = new ArrayList<>(List.of(task.name(), WAYS.get(way)));
                    Arrays.stream(accuracies[way]).forEach(v -> row.add(String.format(Locale.ROOT, "%.3f", v)));
                    row.addAll(Collections.nCopies(numbers.length - labels.length, ""));
                    rows.add(row);
                }
                findings.plot(curves.draw(), String.format(Locale.ROOT, "%s: accuracy on %,d test images by the number of labels, mean of %d draws.",
                        task.name(), task.test().size(), draws));
            }
        }
        List<String> header = new ArrayList<>(List.of("task", "net"));
        Arrays.stream(numbers).forEach(n -> header.add(n + " each"));
        findings.table("Test accuracy by the number of labels for each class, as many as the data have.", header, rows);
    }

    private static int smallestClass(Transfer.Task task) {
        int[] sizes = new int[task.classes()];
        Arrays.stream(task.labels()).forEach(label -> sizes[label]++);
        return Arrays.stream(sizes).min().orElseThrow();
    }

    private static void check(Findings findings, String what, double gain) {
        findings.check(what, "above 0", String.format(Locale.ROOT, "%+.3f", gain), gain > 0);
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(FineTuning.class, Transfer.class);
    }
}

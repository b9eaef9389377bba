package dev.sinew.app.reproduce.conv;

import dev.sinew.Broadcast;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.data.Split;
import dev.sinew.data.transform.Affine;
import dev.sinew.data.transform.Crop;
import dev.sinew.data.transform.Elastic;
import dev.sinew.data.transform.Resize;
import dev.sinew.data.transform.Transform;
import dev.sinew.models.Neocognitron;
import dev.sinew.models.Neocognitron.Stage;
import dev.sinew.models.SCells;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Schedule;
import dev.sinew.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The neocognitron, which learns digits in one place and knows them in others. */
final class NeocognitronDigits implements Reproduction {
    private static final int SIDE = 32;
    private static final int DIGIT = 16;
    private static final int MOST = 4;
    private static final int MOVED = 3;
    private static final int SHOWN = 2;

    /** How digits are shown. */
    private record Show(String name, Transform... how) {}

    private static final Affine BENT = Affine.none().rotate(10).zoom(0.1).shear(8);
    private static final Elastic WAVY = Elastic.of(12, 3);
    private static final List<Show> SHOWS = List.of(new Show("in the middle"), new Show("shifted", Affine.none().shift(MOST)),
            new Show("distorted", BENT, WAVY), new Show("both", BENT.shift(MOST), WAVY));

    @Override
    public String id() {
        return "neocognitron";
    }

    @Override
    public String title() {
        return "The neocognitron";
    }

    @Override
    public String about() {
        return "Fukushima's net without gradients: an S-cell that sees x responds by how much it is like its feature a,"
                + " `u_S = |x| max(s - theta, 0) / (1 - theta)` with the cosine `s = (a, x) / (|a| |x|)`, and a C-cell blurs where that"
                + " was, `u_C = sqrt(sum d u_S^2)`. The first stage knows straight edges; the second adds a feature wherever all its cells"
                + " are silent, without labels; in the highest the strongest cell learns if it stands for the right digit, else a new cell"
                + " does. All digits it learns from stand in the middle; it is tested on shifted and distorted ones as well.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        Split data = lab.digits();
        Dataset train = shown(data.train(), SHOWS.getFirst(), lab.seed());
        double[][] accuracies = new double[3][SHOWS.size()];
        try (var _ = Scope.open(); Network linear = Network.input(1, SIDE, SIDE).dense(10).build(lab.seed())) {
            Tensor images = tensor(train);
            int[] labels = labels(train);
            Neocognitron net = learned(lab, images, labels);
            lab.say("a linear classifier");
            var run = Trainer.of(linear, Loss.crossEntropy(), Adam.rate(Schedule.cosine(0.003)).weightDecay(1e-5)).batch(64).epochs(30)
                    .seed(lab.seed()).fit(train);
            Tensor known = directions(images).transpose();
            long[][] confusion = new long[10][10];
            for (int i = 0; i < SHOWS.size(); i++) {
                lab.say("digits: %s", SHOWS.get(i).name);
                Dataset test = shown(data.test(), SHOWS.get(i), lab.seed().derive("test" + i));
                Tensor seen = tensor(test);
                int[] truth = labels(test);
                int[] found = net.classes(seen);
                int[] nearest = directions(seen).matmul(known).argmax(1).toInts();
                accuracies[0][i] = share(truth, found);
                accuracies[1][i] = share(truth, Arrays.stream(nearest).map(k -> labels[k]).toArray());
                accuracies[2][i] = run.evaluate(test).accuracy();
                for (int k = 0; i == SHOWS.size() - 1 && k < truth.length; k++) {
                    confusion[truth[k]][found[k]]++;
                }
            }
            report(net, accuracies, findings);
            Tensor middle = tensor(shown(data.test().head(50), SHOWS.getFirst(), lab.seed()));
            likeness(NeocognitronPictures.likeness(net, middle, MOVED), findings);
            NeocognitronPictures.features(net, images, findings);
            NeocognitronPictures.maps(net, middle.slice(0, SHOWN, 1), MOVED, findings);
            findings.confusion("Test digits, shifted and distorted.", confusion, data.test().classNames());
        }
    }

    private static Neocognitron learned(Lab lab, Tensor images, int[] labels) {
        Neocognitron net = Neocognitron.of(16, new Stage(5, 0.5, 5, 2), new Stage(5, lab.pick(0.65, 0.7), 5, 2), new Stage(7, 0.3, 0, 1));
        lab.say("stage 2 learns without labels");
        net.learn(images.slice(0, 0, 300), 1, lab.pick(0.7, 0.75));
        lab.say("stage 2 knows %d features; stage 3 learns digits", net.cells(1).planes());
        for (int time = 0, added = 1; time < lab.pick(3, 10) && added > 0; time++) {
            added = net.learn(images, labels);
            lab.say("stage 3 knows %d features", net.cells(2).planes());
        }
        return net;
    }

    private static void report(Neocognitron net, double[][] accuracies, Findings findings) {
        double[] ours = accuracies[0];
        findings.atLeast("test digits in the middle: accuracy", 0.90, ours[0], "%.3f");
        findings.atLeast("shifted by up to 4 pixels", 0.80, ours[1], "%.3f");
        findings.atLeast("shifted and distorted", 0.70, ours[3], "%.3f");
        findings.atLeast("shifted: more than the nearest neighbour of pixels", 0.2, ours[1] - accuracies[1][1], "%.3f");
        findings.atLeast("shifted: more than a linear classifier", 0.2, ours[1] - accuracies[2][1], "%.3f");
        List<String> names = SHOWS.stream().map(Show::name).toList();
        List<String> methods = List.of("neocognitron", "nearest neighbour of pixels", "linear classifier");
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            int row = i;
            Stream<String> cells = Arrays.stream(accuracies).map(a -> String.format(Locale.ROOT, "%.3f", a[row]));
            rows.add(Stream.concat(Stream.of(names.get(i)), cells).toList());
        }
        findings.table("Shares of the test digits that are recognised; all three have learned from the same digits in the middle alone.",
                Stream.concat(Stream.of("digits"), methods.stream()).toList(), rows);
        findings.plot(Curves.bars("Digits recognised", "", "share", names, methods, List.of(accuracies)),
                "The same as bars: of shifted digits the other two make little.");
        findings.text("The digits are 16 pixels wide and stand on 32 x 32 pixels. Distorted ones are turned by up to 10 degrees, stretched"
                + " by up to a tenth, slanted by up to 8 degrees and bent at random. The nearest neighbour keeps every training image, the"
                + " highest stage " + net.cells(2).planes() + " planes. Fukushima (2003) reports 98.6 % for 3,000 training digits of ETL-1,"
                + " which are other data, and larger images.");
    }

    private static void likeness(double[] likeness, Findings findings) {
        List<String> layers = List.of("pixels", "U_S1", "U_C1", "U_S2", "U_C2", "U_S3", "U_C3");
        findings.plot(Curves.bars("Likeness of digits and moved digits", "", "cosine", layers, List.of("cosine"), List.of(likeness)),
                "How alike a layer's responses to a digit and to the same digit moved by " + MOVED + " pixels are, place by place (mean of"
                + " 50 test digits): S-cells are particular about the place, the blur of C-cells makes up for it, and the last C-cells hardly"
                + " notice.");
        findings.atLeast("last C-cells: likeness of a digit and the same moved by 3 pixels", 0.9, likeness[6], "%.3f");
        findings.check("the same of pixels, U_C1, U_C2, U_C3", "rises", Stream.of(0, 2, 4, 6).map(i -> String.format(Locale.ROOT, "%.2f",
                likeness[i])).collect(Collectors.joining(", ")), IntStream.of(0, 2, 4).allMatch(i -> likeness[i] < likeness[i + 2]));
    }

    private static Dataset shown(Dataset digits, Show show, Seed seed) {
        List<Transform> all = new ArrayList<>();
        all.add(new Resize(DIGIT, DIGIT, Resize.Method.CUBIC));
        all.add(Crop.center(SIDE, SIDE).padded((SIDE - DIGIT) / 2, 0));
        all.addAll(List.of(show.how));
        return digits.transformed(seed, all.toArray(Transform[]::new)).cached();
    }

    private static Tensor tensor(Dataset data) {
        float[] all = new float[(int) data.size() * SIDE * SIDE];
        for (int i = 0; i < data.size(); i++) {
            System.arraycopy(data.input(i), 0, all, i * SIDE * SIDE, SIDE * SIDE);
        }
        return Tensor.of(all, data.size(), 1, SIDE, SIDE);
    }

    private static int[] labels(Dataset data) throws IOException {
        int[] labels = new int[(int) data.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = data.label(i);
        }
        return labels;
    }

    /** Each image as a vector of length 1. */
    static Tensor directions(Tensor images) {
        Tensor flat = images.flatten();
        return flat.div(flat.square().sum(1).sqrt().reshape(-1, 1), Broadcast.YES);
    }

    private static double share(int[] truth, int[] found) {
        return IntStream.range(0, truth.length).filter(i -> truth[i] == found[i]).count() / (double) truth.length;
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(getClass(), NeocognitronPictures.class, Neocognitron.class, SCells.class);
    }
}

package dev.sinew.app.reproduce.linear;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.nn.Loss;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduction;
import java.util.List;
import java.util.Locale;

/** The deck's three scores under the multi-class hinge loss and under softmax. */
final class Hinge implements Reproduction {
    private static final float[] SCORES = {3.2f, 5.1f, -1.7f, 1.3f, 4.9f, 2.0f, 2.2f, 2.5f, -3.1f};
    private static final int[] CLASSES = {0, 1, 2};

    @Override
    public String id() {
        return "hinge";
    }

    @Override
    public String title() {
        return "Hinge loss and softmax on the deck's scores";
    }

    @Override
    public String about() {
        return "The multi-class hinge loss of an example with label y is `L = sum over j != y of max(0, s_j - s_y + 1)`: every wrong class must"
                + " lose by a margin of 1. The deck works it out for a cat, a car and a frog, and softmax's `-ln p` for the cat.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        try (var _ = Scope.open()) {
            Tensor scores = Tensor.of(SCORES, 3, 3);
            Tensor labels = Tensor.of(CLASSES, 3);
            double[] each = Ops.apply(new dev.sinew.op.Hinge(Reduction.NONE, 1, 1, false), scores, labels).toDoubles();
            double mean = Loss.hinge().apply(scores, labels).item();
            double[] probabilities = scores.softmax().toDoubles();
            double nats = -Math.log(probabilities[0]);
            findings.near("cat: hinge loss", 2.9, each[0], 1e-5, "%.4f");
            findings.near("car: hinge loss", 0, each[1], 1e-5, "%.4f");
            findings.near("frog: hinge loss", 12.9, each[2], 1e-5, "%.4f");
            findings.near("mean", 15.8 / 3, mean, 1e-5, "%.4f");
            findings.near("cat: softmax probability", 0.13, probabilities[0], 5e-3, "%.4f");
            findings.near("cat: softmax loss in nats", 2.04, nats, 5e-3, "%.4f");
            findings.text("Two slips of the deck: for the frog it drops the margin in its last step, `max(0, 5.3) + max(0, 5.6)` instead of"
                    + " `max(0, 6.3) + max(0, 6.6)`, and so prints 10.9 and a mean of 4.6 where 12.9 and 5.27 are right; and its softmax loss"
                    + " 0.89 is the logarithm to base 10, in nats it is " + String.format(Locale.ROOT, "%.2f", nats) + ".");
            findings.table("Scores and losses", List.of("", "cat", "car", "frog", "hinge, right", "hinge, in the deck"), List.of(
                    List.of("a cat", "3.2", "5.1", "-1.7", text(each[0]), "2.9"), List.of("a car", "1.3", "4.9", "2.0", text(each[1]), "0"),
                    List.of("a frog", "2.2", "2.5", "-3.1", text(each[2]), "10.9"), List.of("mean", "", "", "", text(mean), "4.6")));
        }
    }

    private static String text(double v) {
        return String.format(Locale.ROOT, "%.2f", v);
    }
}

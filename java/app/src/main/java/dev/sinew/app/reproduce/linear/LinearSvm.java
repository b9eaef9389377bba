package dev.sinew.app.reproduce.linear;

import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Split;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Schedule;
import dev.sinew.train.Trainer;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** A linear support vector machine: the multi-class hinge loss with weight decay. */
final class LinearSvm implements Reproduction {
    @Override
    public String id() {
        return "svm";
    }

    @Override
    public String title() {
        return "A linear support vector machine, beside the nets";
    }

    @Override
    public String about() {
        return "Scores `s = W x + b` trained by the hinge loss `sum over j != y of max(0, s_j - s_y + 1)` plus a decay of W that makes the margin"
                + " wide. The deck's 98.6 % on MNIST are those of a support vector machine with a kernel; a linear one stays behind the nets.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        double onDigits = svm(lab, lab.digits(), 60, 0.01);
        findings.atLeast("digits: test accuracy", 0.88, onDigits, "%.4f");
        Split garments = Comparison.garments(lab);
        lab.say("Fashion-MNIST");
        double onGarments = svm(lab, garments, lab.pick(8, 20), 5e-4);
        findings.atLeast("Fashion-MNIST: test accuracy", lab.pick(0.80, 0.83), onGarments, "%.4f");
        double mlp = Comparison.net(lab, garments, false, lab.pick(6, 12));
        findings.check("Fashion-MNIST: a net of two hidden layers beside it", "better", percent(mlp) + " to " + percent(onGarments), mlp > onGarments);
        findings.table("Test accuracy" + (lab.quick() ? " (Fashion-MNIST: 12,000 images to learn from, 2,000 to test)" : ""),
                List.of("", "digits", "Fashion-MNIST", "MNIST, in the deck"), List.of(
                        List.of("linear support vector machine", percent(onDigits), percent(onGarments), ""),
                        List.of("support vector machine with a kernel", "", "", "98.6 %"),
                        List.of("784-256-128-10, ReLU", "", percent(mlp), "")));
    }

    private static double svm(Lab lab, Split data, int epochs, double rate) {
        try (Network net = Network.input(data.train().inputShape().dims()).dense(10).build(lab.seed())) {
            return Trainer.of(net, Loss.hinge(), Adam.rate(Schedule.cosine(rate)).weightDecay(1e-4)).batch(128).epochs(epochs).seed(lab.seed())
                    .fit(data.train()).evaluate(data.test()).accuracy();
        }
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}

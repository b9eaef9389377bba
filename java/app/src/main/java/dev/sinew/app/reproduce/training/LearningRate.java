package dev.sinew.app.reproduce.training;

import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import dev.sinew.train.RateFinder;
import dev.sinew.train.Trainer;
import dev.sinew.train.Training;

/** The learning rate: too low, good, too high, and found by trying. */
final class LearningRate implements Reproduction {
    private static final double[] RATES = {0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10};

    @Override
    public String id() {
        return "learning-rate";
    }

    @Override
    public String title() {
        return "The learning rate: too low, good, too high";
    }

    @Override
    public String about() {
        return "The step `w -= a g` follows the slope where it was measured: a small rate `a` wastes epochs, a large one overshoots and the loss stays"
                + " high or grows without bound. A finder tries: the rate rises from batch to batch, `a_i = a_0 q^i`, and the rate at which the"
                + " smoothed loss falls most steeply on the way to its least value is suggested (Smith 2017).";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        Dataset train = lab.digits().train();
        int epochs = lab.pick(20, 40);
        double[] ends = new double[RATES.length];
        double[] accuracies = new double[RATES.length];
        Curves curves = Curves.of("Training loss at several rates", "epoch", "cross-entropy").logarithmic();
        int good = 0;
        for (int i = 0; i < RATES.length; i++) {
            try (Network net = Drill.net(lab.seed(), 32, 32)) {
                Training run = trainer(lab, net, RATES[i]).epochs(epochs).fit(train);
                double[] losses = Drill.losses(run);
                ends[i] = Drill.last(losses);
                accuracies[i] = run.evaluate(lab.digits().test()).accuracy();
                good = ends[i] < ends[good] ? i : good;
                if (i % 2 == 1) {
                    curves.add("rate " + RATES[i], losses);
                }
            }
        }
        findings.plot(curves.draw(), "Two hidden layers of 32 ReLU units on the digits, plain descent, batches of 32; losses above 100 and not finite ones"
                + " are drawn as 100.");
        findings.plot(Curves.of("Where it ends", "rate", "training loss of the last epoch").logarithmic().logarithmicX().add("loss", RATES, ends).draw(),
                "A valley: too low on the left, too high on the right. ln 10 = 2.30 is the loss of a net that has learned nothing.");
        findings.check("rate with the least loss", "not the lowest or highest tried", "" + RATES[good], good > 0 && good < RATES.length - 1);
        findings.atLeast("too low (0.0003): loss at the end", 1.5, ends[0], "%.3f");
        findings.atLeast("too high (10): loss at the end, against ln 10 = 2.30", 1.5, Drill.last(ends), "%.3f");
        findings.atLeast("good (" + RATES[good] + "): test accuracy", 0.85, accuracies[good], "%.3f");
        try (Network net = Drill.net(lab.seed(), 32, 32)) {
            String before = net.sha256();
            RateFinder.Curve found = RateFinder.of(trainer(lab, net, 1)).between(1e-4, 10).steps(400).run(train);
            findings.check("weights after the finder", "as before, bit by bit", before.equals(net.sha256()) ? "as before" : "changed",
                    before.equals(net.sha256()));
            findings.plot(Curves.of("The finder", "rate", "loss").logarithmicX().bounds(0, 5)
                    .add("each batch", found.points().stream().mapToDouble(RateFinder.Point::rate).toArray(),
                            found.points().stream().mapToDouble(RateFinder.Point::loss).toArray())
                    .add("smoothed", found.points().stream().mapToDouble(RateFinder.Point::rate).toArray(),
                            found.points().stream().mapToDouble(RateFinder.Point::smooth).toArray())
                    .add("suggestion", new double[] {found.suggestion(), found.suggestion()}, new double[] {0, 2.5}).draw(),
                    "One batch at each rate, up to where the loss explodes. The upright line is the suggestion; a whole training"
                            + " bears less than one pass, so a third of it is taken.");
            double ratio = found.suggestion() / RATES[good];
            findings.check("suggested rate, to the best of the list", "0.1 to 10", Drill.text("%.2f", ratio), ratio >= 0.1 && ratio <= 10);
            Training run = trainer(lab, net, found.suggestion() / 3).epochs(epochs).fit(train);
            findings.atLeast("a third of it (" + Drill.text("%.2g", found.suggestion() / 3) + "): test accuracy, against the best of the list less 0.03",
                    accuracies[good] - 0.03, run.evaluate(lab.digits().test()).accuracy(), "%.4f");
        }
    }

    private static Trainer trainer(Lab lab, Network net, double rate) {
        return Trainer.of(net, Loss.crossEntropy(), Sgd.rate(rate)).batch(32).seed(lab.seed());
    }
}

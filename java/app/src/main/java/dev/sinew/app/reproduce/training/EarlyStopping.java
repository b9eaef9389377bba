package dev.sinew.app.reproduce.training;

import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.train.Trainer;
import dev.sinew.train.Training;
import java.util.Arrays;

/** Overfitting, and a training that ends before it. */
final class EarlyStopping implements Reproduction {
    private static final int PATIENCE = 15;

    @Override
    public String id() {
        return "early-stopping";
    }

    @Override
    public String title() {
        return "Overfitting and early stopping";
    }

    @Override
    public String about() {
        return "A net with more weights than samples goes on lowering its training loss long after the loss on other samples has begun to rise: it gets"
                + " surer of its mistakes. Early stopping watches validation samples, ends when their loss has not fallen for `" + PATIENCE
                + "` epochs, and goes back to the weights of the best epoch.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        Dataset all = lab.digits().train();
        Dataset train = all.slice(0, 150);
        Dataset validation = all.slice(150, 650);
        int epochs = lab.pick(250, 600);
        double[] seen;
        double[] held;
        double overfitted;
        try (Network net = Drill.net(lab.seed(), 128, 128)) {
            Training run = trainer(lab, net, validation).epochs(epochs).fit(train);
            seen = Drill.losses(run);
            held = Drill.each(run, report -> report.validationLoss());
            overfitted = run.evaluate(lab.digits().test()).loss();
        }
        try (Network net = Drill.net(lab.seed(), 128, 128)) {
            Training run = trainer(lab, net, validation).epochs(epochs).earlyStopping(PATIENCE).fit(train);
            int ended = run.history().size();
            double[] until = Arrays.copyOf(held, ended);
            double least = Arrays.stream(until).min().orElseThrow();
            double most = Arrays.stream(held).max().orElseThrow() * 1.05;
            findings.plot(Curves.of("Loss on training and on validation samples", "epoch", "cross-entropy").bounds(0, most).add("training", seen)
                    .add("validation", held).add("stopped", new double[] {ended, ended}, new double[] {0, most})
                    .add("best epoch, kept", new double[] {best(until), best(until)}, new double[] {0, most}).draw(),
                    "Two hidden layers of 128 ReLU units (26,122 weights) on 150 digits, with Adam, and 500 others for validation.");
            findings.equal("weights of the net", 26_122, net.architecture().parameterCount());
            findings.equal("epochs from the best to the end", PATIENCE, ended - best(until));
            findings.near("validation loss of the net that comes out, to the least so far", least, run.evaluate(validation).loss(), 1e-5, "%.5f");
            findings.atMost("the same, to the least of the whole long training", 1.1, least / Arrays.stream(held).min().orElseThrow(), "%.3f");
            findings.atLeast("validation loss at the end of the long training, to its least", 1.15,
                    Drill.last(held) / Arrays.stream(held).min().orElseThrow(), "%.3f");
            findings.atMost("test loss of the stopped net, to that of the long training", 0.95, run.evaluate(lab.digits().test()).loss() / overfitted,
                    "%.3f");
        }
    }

    private static int best(double[] losses) {
        int best = 0;
        for (int i = 1; i < losses.length; i++) {
            best = losses[i] < losses[best] ? i : best;
        }
        return best + 1;
    }

    private static Trainer trainer(Lab lab, Network net, Dataset validation) {
        return Trainer.of(net, Loss.crossEntropy(), Adam.rate(0.003)).batch(50).seed(lab.seed()).validation(validation);
    }
}

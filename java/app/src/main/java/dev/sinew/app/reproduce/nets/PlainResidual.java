package dev.sinew.app.reproduce.nets;

import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.data.Split;
import dev.sinew.data.transform.Resize;
import dev.sinew.models.ResNet;
import dev.sinew.models.ResNet.Bypass;
import dev.sinew.nn.Network;
import dev.sinew.train.EpochReport;
import dev.sinew.train.Training;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The same nets with and without bypasses, shallow and deep. */
final class PlainResidual implements Reproduction {
    @Override
    public String id() {
        return "plain-residual";
    }

    @Override
    public String title() {
        return "Deeper is worse without bypasses, and not with them";
    }

    @Override
    public String about() {
        return "A plain net of more layers could do at least what one of fewer does, its further layers doing nothing; yet gradient"
                + " descent does not find that, and the deeper net has the larger training loss. With bypasses, `y = F(x) + x` instead"
                + " of `y = F(x)`, doing nothing is `F = 0`, and the deeper net is not worse. All four nets have batch normalisation,"
                + " the same training and, at each depth, the same number of parameters.";
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(getClass(), Fashion.class, ResNet.class);
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        Split whole = lab.fashion();
        int side = 14;
        Dataset train = small(lab, whole.train().head(lab.pick(2_000, 10_000)), side);
        Dataset test = small(lab, whole.test().head(lab.pick(2_000, 10_000)), side);
        int[] depths = lab.pick(new int[] {8, 44}, new int[] {20, 56});
        int epochs = lab.pick(6, 12);
        Curves curves = Curves.of("Training loss", "epoch", "cross-entropy").logarithmic();
        List<List<?>> rows = new ArrayList<>();
        double[][] losses = new double[2][2];
        for (Bypass bypass : new Bypass[] {Bypass.NONE, Bypass.ZEROS}) {
            for (int i = 0; i < 2; i++) {
                String name = (bypass == Bypass.NONE ? "plain " : "residual ") + depths[i];
                try (Network net = ResNet.small(depths[i], bypass, 1, side, side, 10).build(lab.seed())) {
                    Training run = Fashion.train(lab, name, net, 0.03, 1e-4, epochs, train, null);
                    curves.add(name + " layers", run.history().stream().mapToDouble(EpochReport::trainLoss).toArray());
                    double loss = run.history().getLast().trainLoss();
                    losses[bypass == Bypass.NONE ? 0 : 1][i] = loss;
                    rows.add(List.of(name, String.format(Locale.ROOT, "%,d", net.architecture().parameterCount()), text(loss),
                            String.format(Locale.ROOT, "%.2f %%", 100 * (1 - run.evaluate(test).accuracy()))));
                }
            }
        }
        findings.check(name("plain", depths), "larger", text(losses[0][1]) + " to " + text(losses[0][0]), losses[0][1] > losses[0][0]);
        findings.check(name("residual", depths), "not larger by more than a tenth", text(losses[1][1]) + " to " + text(losses[1][0]),
                losses[1][1] <= 1.1 * losses[1][0]);
        findings.check("training loss with bypasses to that without, " + depths[1] + " layers", "smaller", text(losses[1][1]) + " to "
                + text(losses[0][1]),
                losses[1][1] < losses[0][1]);
        findings.plot(curves.draw(), "Training losses of the four nets.");
        findings.table(String.format(Locale.ROOT, "After %d epochs on %,d images of Fashion-MNIST of %d x %d pixels.", epochs,
                train.size(), side, side),
                List.of("net", "parameters", "training loss", "test error"), rows);
    }

    private static Dataset small(Lab lab, Dataset images, int side) {
        return images.transformed(lab.seed(), Resize.to(side, side)).cached();
    }

    private static String name(String kind, int[] depths) {
        return "training loss of the " + kind + " net of " + depths[1] + " layers to that of " + depths[0];
    }

    private static String text(double v) {
        return String.format(Locale.ROOT, "%.3f", v);
    }
}

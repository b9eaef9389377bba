package dev.sinew.app.reproduce.mlp;

import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plane;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.ArrayDataset;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.train.Trainer;

/** Exclusive or: solved by the weights that the deck gives, then by weights that are learned. */
final class Xor implements Reproduction {
    private static final float[] INPUTS = {0, 0, 0, 1, 1, 0, 1, 1};
    private static final float[] XOR = {0, 1, 1, 0};

    @Override
    public String id() {
        return "xor";
    }

    @Override
    public String title() {
        return "XOR: given weights and learned weights";
    }

    @Override
    public String about() {
        return "One line cannot separate the two classes of exclusive or, two hidden units can: `h = g(W x + b)`, `y = w2 . h + b2`, positive"
                + " where exactly one input is 1. The deck gives `W = [[1, -1], [-1, 1]]`, `b = -1/2`, `w2 = [4, 4]`, `b2 = -1` for a squashing g;"
                + " they hold for a step and for ReLU, and not for the plain sigmoid, which is not steep enough.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        try (var _ = Scope.open(); Network given = Network.input(2).dense(2).relu().dense(1).build(lab.seed());
                Network learned = Network.input(2).dense(4).tanh().dense(1).build(lab.seed())) {
            given.parameter("dense1.weight").copyFrom(new float[] {1, -1, -1, 1});
            given.parameter("dense1.bias").copyFrom(new float[] {-0.5f, -0.5f});
            given.parameter("dense2.weight").copyFrom(new float[] {4, 4});
            given.parameter("dense2.bias").copyFrom(new float[] {-1});
            findings.equal("given weights: answers right", 4, right(given));

            var data = ArrayDataset.of(INPUTS, Shape.of(2), XOR, Shape.of(1));
            var run = Trainer.of(learned, Loss.binaryCrossEntropy(), Adam.rate(0.05)).batch(4).epochs(400).seed(lab.seed()).fit(data);
            findings.equal("learned weights: answers right", 4, right(learned));
            findings.atMost("loss after 400 steps", 0.05, run.history().getLast().trainLoss(), "%.4f");
            findings.plot(Plot.beside(2, regions("given weights, ReLU", given), regions("learned weights, tanh", learned)),
                    "Where the nets say yes (vermilion) and no (blue), with the four inputs on top.");
        }
    }

    private static long right(Network net) {
        float[] y = net.predict(Tensor.of(INPUTS, 4, 2)).toFloats();
        long right = 0;
        for (int i = 0; i < 4; i++) {
            right += y[i] > 0 == XOR[i] > 0 ? 1 : 0;
        }
        return right;
    }

    private static java.awt.image.BufferedImage regions(String title, Network net) {
        return Plot.of(title, -0.5, 1.5, -0.5, 1.5).regions(places -> Plane.decisions(net, places))
                .points(new double[][] {{0, 0}, {1, 1}}, 0, "XOR = 0").points(new double[][] {{0, 1}, {1, 0}}, 1, "XOR = 1").draw();
    }
}

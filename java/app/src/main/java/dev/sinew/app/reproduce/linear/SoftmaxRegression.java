package dev.sinew.app.reproduce.linear;

import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Split;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Schedule;
import dev.sinew.train.Evaluation;
import dev.sinew.train.Trainer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One dense layer and softmax: its weights are a picture for each class. */
final class SoftmaxRegression implements Reproduction {
    @Override
    public String id() {
        return "softmax-regression";
    }

    @Override
    public String title() {
        return "Softmax regression: a template for each class";
    }

    @Override
    public String about() {
        return "Scores `s = W x + b`, one for each of K classes, become probabilities `p_k = exp(s_k) / sum_j exp(s_j)`; learning lowers"
                + " `-ln p` of the right class. Each row of W has a weight for every pixel, so it is a picture: what that class looks for. (The test part of the digits was written by other people than the training part.)";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        learn(lab, findings, "digits", lab.digits(), 40, 0.01, 0.88);
        learn(lab, findings, "Fashion-MNIST", lab.fashion(), lab.pick(4, 20), 0.002, lab.pick(0.83, 0.84));
    }

    private static void learn(Lab lab, Findings findings, String name, Split data, int epochs, double rate, double target) {
        lab.say("%s, %d epochs", name, epochs);
        try (Network net = Network.input(data.train().inputShape().dims()).dense(10).build(lab.seed())) {
            var run = Trainer.of(net, Loss.crossEntropy(), Adam.rate(Schedule.cosine(rate)).weightDecay(1e-5)).batch(128).epochs(epochs).seed(lab.seed())
                    .fit(data.train());
            Evaluation evaluation = run.evaluate(data.test());
            findings.atLeast(name + ": test accuracy", target, evaluation.accuracy(), "%.4f");
            int side = (int) data.train().inputShape().dim(1);
            double[] weights = Plot.doubles(net.parameter("dense1.weight").toFloats());
            List<BufferedImage> templates = new ArrayList<>();
            for (int k = 0; k < 10; k++) {
                templates.add(Plot.signed(java.util.Arrays.copyOfRange(weights, k * side * side, (k + 1) * side * side), side, side));
            }
            List<String> names = java.util.stream.IntStream.range(0, 10).mapToObj(data.test()::className).toList();
            findings.plot(Plot.grid(templates, names, 5, 96), name + ": the weights of the ten classes. Orange pixels speak for the class, blue ones"
                    + " against it; each template has its own scale.");
            findings.confusion(name + ", test data.", evaluation.confusion(), names);
        }
    }
}

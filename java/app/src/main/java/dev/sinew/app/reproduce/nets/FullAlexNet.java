package dev.sinew.app.reproduce.nets;

import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Split;
import dev.sinew.models.AlexNet;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;

/** AlexNet in full size, and a narrow one trained on small images. */
final class FullAlexNet implements Reproduction {
    @Override
    public String id() {
        return "alexnet";
    }

    @Override
    public String title() {
        return "Five convolutions in groups, response normalisation, dropout";
    }

    @Override
    public String about() {
        return "Five convolutions, three of them in two groups that do not see each other, ReLU, overlapping poolings and two hidden"
                + " dense layers with dropout; after the first two a value is divided by `(2 + 1e-4 S)^0.75`, `S` being the sum of"
                + " squares in five neighbouring channels. The paper normalises before it pools, and after two layers only, where the"
                + " deck writes (conv-relu-maxpool-norm) three times; the paper's order is used here.";
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(getClass(), FullSize.class, Fashion.class, AlexNet.class);
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        findings.equal("parameters", 60_965_224, AlexNet.of(3, 227, 227, 1000).architecture().parameterCount());
        try (Network net = AlexNet.of(3, 227, 227, 1000).build(lab.seed())) {
            FullSize.run(lab, findings, net, 227, 4, lab.pick(12, 40), 0.001, Objective.of(Loss.crossEntropy()));
            findings.preformatted(net.architecture().summary(4));
        }
        Split data = lab.fashion();
        int epochs = lab.pick(3, 8);
        try (Network net = AlexNet.small(1, 28, 28, 10).build(lab.seed())) {
            BufferedImage before = FullSize.filters(net.parameter("conv1.weight"), 8, 32);
            var train = lab.quick() ? data.train().head(6_000) : data.train();
            var run = Fashion.train(lab, "alexnet-small", net, 0.02, 5e-4, epochs, train, null);
            findings.atLeast("a narrow one on Fashion-MNIST: test accuracy after " + epochs + " epochs" + (lab.quick()
                    ? " of 6,000 images" : ""),
                    lab.pick(0.70, 0.90), run.evaluate(lab.quick() ? data.test().head(2_000) : data.test()).accuracy(), "%.4f");
            findings.plot(before, "The narrow net's 32 filters of 7 x 7 pixels before its training: blue is negative, orange positive,"
                    + " white 0, each filter on its own scale.");
            findings.plot(FullSize.filters(net.parameter("conv1.weight"), 8, 32), "The same filters after it" + (lab.quick()
                    ? ", which was a short one: most of what they began with is still there." : "."));
        }
    }
}

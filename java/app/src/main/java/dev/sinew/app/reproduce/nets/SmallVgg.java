package dev.sinew.app.reproduce.nets;

import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Split;
import dev.sinew.models.Vgg;
import dev.sinew.nn.Network;
import dev.sinew.train.EpochReport;
import java.io.IOException;
import java.util.List;

/** Pairs of 3 x 3 convolutions on Fashion-MNIST. */
final class SmallVgg implements Reproduction {
    @Override
    public String id() {
        return "vgg-small";
    }

    @Override
    public String title() {
        return "Pairs of 3 x 3 convolutions on small images";
    }

    @Override
    public String about() {
        return "Three pairs of 3 x 3 convolutions with 32, 64 and 128 channels, batch normalisation and ReLU, a halving after each"
                + " pair, then a dense layer of 256 units: the pattern of the large nets, `(conv-conv-pool) x 3 - dense x 2`, in a size"
                + " that Fashion-MNIST's images of 28 x 28 pixels need. Images are moved by up to two pixels and mirrored while it"
                + " learns.";
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(getClass(), Fashion.class, Vgg.class);
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        Split data = lab.fashion();
        int epochs = lab.pick(2, 12);
        try (Network net = Vgg.small7(1, 28, 28, 10).build(lab.seed())) {
            var train = Fashion.moved(lab.quick() ? data.train().head(6_000) : data.train(), lab.seed());
            var run = Fashion.train(lab, "vgg-small", net, 0.05, 5e-4, epochs, train, null);
            var test = run.evaluate(lab.quick() ? data.test().head(2_000) : data.test());
            findings.atLeast("Fashion-MNIST: test accuracy after " + epochs + " epochs" + (lab.quick() ? " of 6,000 images" : ""),
                    lab.pick(0.75, 0.93),
                    test.accuracy(), "%.4f");
            if (!lab.quick()) {
                findings.plot(Curves.of("Loss", "epoch", "cross-entropy")
                        .add("training, with dropout and moved"
                        + " images", run.history().stream().mapToDouble(EpochReport::trainLoss).toArray()).draw(),
                        "The mean training loss of each epoch.");
            }
            findings.confusion("Test images.", test.confusion(), data.test().classNames());
            findings.preformatted(net.summary());
        }
    }
}

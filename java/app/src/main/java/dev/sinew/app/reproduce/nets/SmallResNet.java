package dev.sinew.app.reproduce.nets;

import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Cifar10;
import dev.sinew.data.Split;
import dev.sinew.models.ResNet;
import dev.sinew.nn.Network;
import dev.sinew.train.EpochReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The residual net of 20 layers on small images. */
final class SmallResNet implements Reproduction {
    @Override
    public String id() {
        return "resnet-small";
    }

    @Override
    public String title() {
        return "A residual net of 20 layers on small images";
    }

    @Override
    public String about() {
        return "Three stages of three blocks, `y = relu(F(x) + x)`, with 16, 32 and 64 channels; where a stage begins, `x` is taken at"
                + " every second pixel and zeros fill the new channels, so that bypasses have no parameters. Images are moved and"
                + " mirrored while it learns. The paper reaches 91.25 % on CIFAR-10, which runs when its folder is named (--data"
                + " cifar10=FOLDER); otherwise Fashion-MNIST serves.";
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(getClass(), Fashion.class, ResNet.class);
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        findings.equal("parameters for CIFAR-10", 269_722, ResNet.small(20, ResNet.Bypass.ZEROS, 3, 32, 32,
                10).architecture().parameterCount());
        findings.equal("parameters of the net of 56 layers", 853_018, ResNet.small(56, ResNet.Bypass.ZEROS, 3, 32, 32,
                10).architecture().parameterCount());
        Path cifar = lab.folderOf("cifar10");
        Split data = cifar == null ? lab.fashion() : Cifar10.load(cifar);
        long[] shape = data.train().inputShape().dims();
        int epochs = lab.quick() ? 2 : cifar == null ? 20 : 100;
        try (Network net = ResNet.small(20, ResNet.Bypass.ZEROS, shape[0], shape[1], shape[2], 10).build(lab.seed())) {
            var train = Fashion.moved(lab.quick() ? data.train().head(6_000) : data.train(), lab.seed());
            var run = Fashion.train(lab, "resnet-small", net, 0.1, 5e-4, epochs, train, null);
            var test = run.evaluate(lab.quick() ? data.test().head(2_000) : data.test());
            double target = cifar == null ? lab.pick(0.70, 0.94) : lab.pick(0.30, 0.905);
            findings.atLeast((cifar == null ? "Fashion-MNIST" : "CIFAR-10") + ": test accuracy after " + epochs
                    + " epochs" + (lab.quick() ? " of 6,000 images" : ""), target, test.accuracy(), "%.4f");
            if (!lab.quick()) {
                findings.plot(Curves.of("Loss", "epoch", "cross-entropy")
                        .add("training, with moved images", run.history().stream().mapToDouble(EpochReport::trainLoss).toArray()).draw(),
                        "The mean training loss of each epoch; the rate falls along a cosine.");
            }
            findings.confusion("Test images.", test.confusion(), data.test().classNames());
            findings.preformatted(net.summary());
        }
    }
}

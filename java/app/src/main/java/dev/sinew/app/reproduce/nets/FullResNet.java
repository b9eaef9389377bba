package dev.sinew.app.reproduce.nets;

import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.models.ResNet;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import java.io.IOException;
import java.util.List;

/** Residual nets of 18, 34 and 50 layers in full size. */
final class FullResNet implements Reproduction {
    private final int depth;

    FullResNet(int depth) {
        this.depth = depth;
    }

    @Override
    public String id() {
        return "resnet" + depth;
    }

    @Override
    public String title() {
        return "A residual net of " + depth + " layers for ImageNet";
    }

    @Override
    public String about() {
        return "Each block adds what it computes to what it was given, `y = F(x) + x`, so that a deep net begins as a shallow one and"
                + " gradients have a way"
                + " around every layer. " + (depth == 50 ? "Here `F` is 1 x 1, 3 x 3 and 1 x 1 convolutions, the outer ones with four"
                + " times the channels."
                : "Here `F` is two 3 x 3 convolutions.") + " Where a stage halves height and width, a 1 x 1 convolution fits `x` to the"
                + " sum. The parameters are counted against the well-known implementation, and the net is run and trained for some"
                + " steps.";
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(getClass(), FullSize.class, ResNet.class);
    }

    private Network.Builder net() {
        return switch (depth) {
            case 18 -> ResNet.resnet18(3, 224, 224, 1000);
            case 34 -> ResNet.resnet34(3, 224, 224, 1000);
            default -> ResNet.resnet50(3, 224, 224, 1000);
        };
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        findings.equal("parameters", depth == 18 ? 11_689_512 : depth == 34 ? 21_797_672 : 25_557_032,
                net().architecture().parameterCount());
        if (depth == 18) {
            findings.equal("parameters of the plain net of 18 layers: less the three projections", 11_689_512 - 172_032 - 2 * 896,
                    ResNet.plain18(3, 224, 224, 1000).architecture().parameterCount());
        } else if (depth == 34) {
            findings.equal("parameters of the plain net of 34 layers: less the three projections", 21_797_672 - 172_032 - 2 * 896,
                    ResNet.plain34(3, 224, 224, 1000).architecture().parameterCount());
        } else {
            findings.equal("parameters of the net of 101 layers", 44_549_160, ResNet.resnet101(3, 224, 224,
                    1000).architecture().parameterCount());
        }
        try (Network net = net().build(lab.seed())) {
            FullSize.run(lab, findings, net, 224, 4, lab.pick(8, 20), 0.01, Objective.of(Loss.crossEntropy()));
            findings.preformatted(net.architecture().summary(4));
        }
    }
}

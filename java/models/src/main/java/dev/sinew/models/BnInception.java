package dev.sinew.models;

import dev.sinew.nn.AvgPool;
import dev.sinew.nn.Conv;
import dev.sinew.nn.GraphBuilder;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.MaxPool;
import dev.sinew.nn.Network;
import dev.sinew.nn.Value;
import dev.sinew.op.Window2d;

/**
 * Inception with batch normalisation (Ioffe, Szegedy 2015, appendix): two 3 x 3 convolutions in the place of the 5 x 5 one, modules that
 * halve height and width in the place of poolings between modules. The first convolution is an ordinary one here, and modules 4c and 4d
 * give 608 channels, as their branches add up to, where the paper has 576.
 */
public final class BnInception {
    private static final Initializer WEIGHTS = new Initializer.KaimingNormal(Initializer.reluGain());

    private BnInception() {}

    /** For images of 224 x 224 pixels: 11,285,224 parameters for 3 channels and 1,000 classes. */
    public static GraphBuilder of(long channels, long height, long width, long classes) {
        GraphBuilder graph = Network.graph();
        Value x = graph.input(channels, height, width);
        x = conv(x, 64, 7, 2).layer(halving());
        x = conv(conv(x, 64, 1, 1), 192, 3, 1).layer(halving());
        x = module(x, "3a", 64, 64, 64, 64, 96, 32, false);
        x = module(x, "3b", 64, 64, 96, 64, 96, 64, false);
        x = halvingModule(x, "3c", 128, 160, 64, 96);
        x = module(x, "4a", 224, 64, 96, 96, 128, 128, false);
        x = module(x, "4b", 192, 96, 128, 96, 128, 128, false);
        x = module(x, "4c", 160, 128, 160, 128, 160, 128, false);
        x = module(x, "4d", 96, 128, 192, 160, 192, 128, false);
        x = halvingModule(x, "4e", 128, 192, 192, 256);
        x = module(x, "5a", 352, 192, 320, 160, 224, 128, false);
        x = module(x, "5b", 352, 192, 320, 192, 224, 128, true);
        return graph.output(x.globalAvgPool().dense(classes));
    }

    private static MaxPool halving() {
        return new MaxPool(Window2d.of(3).stride(2), true);
    }

    private static Value conv(Value x, long channels, long kernel, long stride) {
        return x.layer(Conv.of(channels, kernel).stride(stride).pad(kernel / 2).noBias().weights(WEIGHTS)).batchNorm().relu();
    }

    private static Value twice(Value x, long less, long channels, long stride) {
        return conv(conv(conv(x, less, 1, 1), channels, 3, 1), channels, 3, stride);
    }

    /** @param less3 channels in front of the 3 x 3 convolution, {@code lessTwo} in front of the two */
    private static Value module(Value x, String name, long one, long less3, long three, long lessTwo, long two, long pool, boolean max) {
        Window2d around = Window2d.of(3).stride(1).pad(1);
        return x.block("inception" + name, v -> conv(v, one, 1, 1).concat(conv(conv(v, less3, 1, 1), three, 3, 1), twice(v, lessTwo, two,
                1),
                conv(max ? v.maxPool(around) : v.layer(new AvgPool(around, false, true)), pool, 1, 1)));
    }

    private static Value halvingModule(Value x, String name, long less3, long three, long lessTwo, long two) {
        return x.block("inception" + name, v -> conv(conv(v, less3, 1, 1), three, 3, 2).concat(twice(v, lessTwo, two, 2),
                v.layer(halving())));
    }
}

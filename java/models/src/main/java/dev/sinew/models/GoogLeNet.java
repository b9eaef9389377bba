package dev.sinew.models;

import dev.sinew.nn.AvgPool;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Dense;
import dev.sinew.nn.GraphBuilder;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.MaxPool;
import dev.sinew.nn.Network;
import dev.sinew.nn.ResponseNormalize;
import dev.sinew.nn.Value;
import dev.sinew.op.Window2d;

/**
 * GoogLeNet (Szegedy et al. 2014): each Inception module looks at its input through windows of 1 x 1, 3 x 3 and 5 x 5 pixels and
 * through a pooling, and puts the results one behind the other.
 */
public final class GoogLeNet {
    private static final Initializer WEIGHTS = new Initializer.KaimingNormal(Initializer.reluGain());

    private GoogLeNet() {}

    /**
     * The net for images of 224 x 224 pixels: 6,998,552 parameters for 3 channels and 1,000 classes, and 6,379,728 more in two
     * classifiers halfway, the auxiliary outputs {@code aux1} and {@code aux2}, which are for training alone. The paper adds their
     * losses with a weight of 0.3 each.
     *
     * @param halfway whether those two classifiers are there
     */
    public static GraphBuilder of(boolean halfway, long channels, long height, long width, long classes) {
        GraphBuilder graph = Network.graph();
        Value x = graph.input(channels, height, width);
        x = x.layer(Conv.of(64, 7).stride(2).pad(3).weights(WEIGHTS)).relu().layer(halving()).layer(ResponseNormalize.alexNet());
        x = conv(conv(x, 64, 1), 192, 3).layer(ResponseNormalize.alexNet()).layer(halving());
        x = inception(x, "3a", 64, 96, 128, 16, 32, 32);
        x = inception(x, "3b", 128, 128, 192, 32, 96, 64).layer(halving());
        x = inception(x, "4a", 192, 96, 208, 16, 48, 64);
        if (halfway) {
            graph.auxiliary("aux1", head(x, "head1", classes));
        }
        x = inception(x, "4b", 160, 112, 224, 24, 64, 64);
        x = inception(x, "4c", 128, 128, 256, 24, 64, 64);
        x = inception(x, "4d", 112, 144, 288, 32, 64, 64);
        if (halfway) {
            graph.auxiliary("aux2", head(x, "head2", classes));
        }
        x = inception(x, "4e", 256, 160, 320, 32, 128, 128).layer(halving());
        x = inception(x, "5a", 256, 160, 320, 32, 128, 128);
        x = inception(x, "5b", 384, 192, 384, 48, 128, 128);
        return graph.output("output", x.globalAvgPool().dropout(0.4).dense(classes));
    }

    private static MaxPool halving() {
        return new MaxPool(Window2d.of(3).stride(2), true);
    }

    private static Value conv(Value x, long channels, long kernel) {
        return x.layer(Conv.of(channels, kernel).pad(kernel / 2).weights(WEIGHTS)).relu();
    }

    /** @param less3 channels in front of the 3 x 3 convolution, likewise {@code less5} */
    private static Value inception(Value x, String name, long one, long less3, long three, long less5, long five, long pool) {
        return x.block("inception" + name, v -> conv(v, one, 1).concat(conv(conv(v, less3, 1), three, 3), conv(conv(v, less5, 1), five, 5),
                conv(v.maxPool(Window2d.of(3).stride(1).pad(1)), pool, 1)));
    }

    private static Value head(Value x, String name, long classes) {
        return x.block(name, v -> conv(v.layer(new AvgPool(Window2d.of(5).stride(3), false, true)), 128, 1)
                .layer(Dense.of(1024).weights(WEIGHTS)).relu().dropout(0.7).dense(classes));
    }
}

package dev.sinew.app.reproduce.conv;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.data.Dataset;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Schedule;
import dev.sinew.optim.Sgd;
import dev.sinew.train.Trainer;
import java.io.IOException;

/** The net whose inside is looked at: three convolutions, trained on Fashion-MNIST once in a run of the program. */
final class FashionNet {
    static final int SIDE = 28;
    /** Kernel of the first layer, whose filters are shown. */
    static final int KERNEL = 5;
    private static String trainedBy = "";
    private static float[][] trained;
    private static double accuracy;

    private FashionNet() {}

    /** The net for images of that size, with first values by the seed. */
    static Network fresh(Lab lab, int side) {
        // small first values: what is seen in the filters has been learned
        return Network.input(1, side, side).layer(Conv.of(16, KERNEL).pad(KERNEL / 2).weights(new Initializer.Normal(0, 0.01))).relu().maxPool(2)
                .conv(32, 3, 1).relu().maxPool(2).conv(64, 3, 1).relu().dropout(0.3).globalMaxPool().dense(10).build(lab.seed().derive("fashion net"));
    }

    /** The trained net for images of that size: it has no layer that depends on it. */
    static synchronized Network trained(Lab lab, int side) throws IOException {
        String by = lab.seed() + " " + lab.quick() + " " + lab.data();
        if (!by.equals(trainedBy)) {
            try (Network net = fresh(lab, SIDE)) {
                Dataset train = lab.fashion().train().head(lab.pick(12_000L, 60_000L));
                var run = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(Schedule.cosine(0.05)).momentum(0.9).weightDecay(1e-3)).batch(32)
                        .epochs(lab.pick(4, 12)).seed(lab.seed()).fit(train);
                accuracy = run.evaluate(lab.fashion().test().head(2000)).accuracy();
                lab.say("the net: test accuracy %.3f", accuracy);
                trained = net.parameters().values().stream().map(Tensor::toFloats).toArray(float[][]::new);
                trainedBy = by;
            }
        }
        Network net = fresh(lab, side);
        int i = 0;
        for (Tensor parameter : net.parameters().values()) {
            parameter.copyFrom(trained[i++]);
        }
        return net;
    }

    /** Of 2,000 test images, once it is trained. */
    static double accuracy() {
        return accuracy;
    }

    /** What a layer gives for one image [1, C, H, W]. */
    static float[] maps(Network net, String layer, float[] image, int side) {
        try (var _ = Scope.open()) {
            return net.activations(Tensor.of(image, 1, 1, side, side), layer).get(layer).toFloats();
        }
    }
}

package dev.sinew.app.reproduce.linear;

import dev.sinew.app.reproduce.Lab;
import dev.sinew.data.Split;
import dev.sinew.models.LeNet5;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Schedule;
import dev.sinew.train.Trainer;
import java.io.IOException;

/** Data for the classical methods, and nets trained on the same data. */
final class Comparison {
    private Comparison() {}

    /** Fashion-MNIST, the first 12,000 for training and 2,000 for testing when there is little time. */
    static Split garments(Lab lab) throws IOException {
        Split all = lab.fashion();
        return lab.quick() ? new Split(all.train().slice(0, 12_000), all.test().slice(0, 2_000)) : all;
    }

    /** Test accuracy of a net of two hidden layers, or of LeNet-5. */
    static double net(Lab lab, Split data, boolean convolutional, int epochs) {
        long[] in = data.train().inputShape().dims();
        Network.Builder net = convolutional ? LeNet5.modern(in[0], in[1], in[2], 10)
                : Network.input(in).dense(256).relu().dense(128).relu().dense(10);
        try (Network built = net.build(lab.seed())) {
            return Trainer.of(built, Loss.crossEntropy(), Adam.rate(Schedule.cosine(0.002))).batch(64).epochs(epochs).seed(lab.seed()).fit(data.train())
                    .evaluate(data.test()).accuracy();
        }
    }
}

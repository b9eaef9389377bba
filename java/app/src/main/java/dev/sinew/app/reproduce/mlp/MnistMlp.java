package dev.sinew.app.reproduce.mlp;

import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Mnist;
import dev.sinew.data.Split;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.ParameterSpec;
import dev.sinew.optim.Sgd;
import dev.sinew.train.EpochReport;
import dev.sinew.train.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The deck's perceptron for MNIST: 784-512-512-10. */
final class MnistMlp implements Reproduction {
    @Override
    public String id() {
        return "mnist-mlp";
    }

    @Override
    public String title() {
        return "A perceptron of 669,706 parameters on 28 x 28 images";
    }

    @Override
    public String about() {
        return "Two hidden layers of 512 tanh units and softmax, `784 -> 512 -> 512 -> 10`, a layer having `inputs x units + units` parameters;"
                + " stochastic gradient descent with batches of 128, rate 0.1, 40 epochs. The deck reaches 98.12 % on MNIST, which runs when its"
                + " folder is named (--data mnist=FOLDER); on Fashion-MNIST, which is harder, the same net and settings serve.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        Path mnist = lab.folderOf("mnist");
        try (Network net = Network.input(1, 28, 28).dense(512).tanh().dense(512).tanh().dense(10).build(lab.seed())) {
            List<ParameterSpec> parameters = net.architecture().parameters();
            long[] layers = {401_920, 262_656, 5_130};
            for (int i = 0; i < 3; i++) {
                findings.equal("parameters of layer " + (i + 1), layers[i],
                        parameters.get(2 * i).shape().count() + parameters.get(2 * i + 1).shape().count());
            }
            findings.equal("parameters in all", 669_706, net.architecture().parameterCount());
            Split data = mnist == null ? lab.fashion() : Mnist.load(mnist);
            int epochs = lab.pick(5, 40);
            lab.say("%d epochs", epochs);
            var run = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(0.1)).batch(128).epochs(epochs).seed(lab.seed()).fit(data.train());
            double accuracy = run.evaluate(data.test()).accuracy();
            if (mnist == null) {
                findings.atLeast("Fashion-MNIST: test accuracy after " + epochs + " epochs", lab.pick(0.84, 0.88), accuracy, "%.4f");
            } else {
                findings.atLeast("MNIST: test accuracy after " + epochs + " epochs", lab.pick(0.96, 0.98), accuracy, "%.4f");
            }
            findings.plot(Curves.of("Loss", "epoch", "cross-entropy").add("training", run.history().stream().mapToDouble(EpochReport::trainLoss).toArray())
                    .draw(), "The mean training loss of each epoch.");
            findings.preformatted(net.summary());
        }
    }
}

package dev.sinew.app.reproduce.mlp;

import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.nn.Dense;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import dev.sinew.train.Trainer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The first weights: zero and constant ones fail, random ones learn. */
final class Initialization implements Reproduction {
    private static final int EPOCHS = 15;

    @Override
    public String id() {
        return "init";
    }

    @Override
    public String title() {
        return "Where to begin: zero, constant and random weights";
    }

    @Override
    public String about() {
        return "With zero weights the gradient of every hidden layer is zero, `dL/dh = W2^T dL/dy = 0`, and only the last bias learns; with one"
                + " constant all units of a layer stay the same unit for ever. Small random weights, best scaled to keep the variance from layer to"
                + " layer (`1/inputs`), break the symmetry.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        Dataset train = lab.digits().train();
        Dataset test = lab.digits().test();
        Map<String, Initializer> ways = new LinkedHashMap<>();
        ways.put("zero", new Initializer.Constant(0));
        ways.put("constant 0.1", new Initializer.Constant(0.1));
        ways.put("normal, deviation 1e-3", new Initializer.Normal(0, 1e-3));
        ways.put("uniform within 1/sqrt(inputs)", Initializer.standard());
        ways.put("Xavier", new Initializer.XavierUniform(1));
        Curves curves = Curves.of("Loss by first weights", "epoch", "training cross-entropy").bounds(0, 2.5);
        for (Map.Entry<String, Initializer> way : ways.entrySet()) {
            Network.Builder builder = Network.input(1, 8, 8);
            for (int layer = 0; layer < 3; layer++) {
                builder.layer(Dense.of(32).weights(way.getValue())).tanh();
            }
            try (Network net = builder.layer(Dense.of(10).weights(way.getValue())).build(lab.seed())) {
                net.parameters().forEach((name, parameter) -> {
                    if (name.endsWith("bias")) {
                        parameter.fill(0);
                    }
                });
                var run = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(0.1)).batch(32).epochs(EPOCHS).seed(lab.seed()).fit(train);
                curves.add(way.getKey(), run.history().stream().mapToDouble(r -> r.trainLoss()).toArray());
                double accuracy = run.evaluate(test).accuracy();
                if (way.getKey().startsWith("zero") || way.getKey().startsWith("constant")) {
                    findings.atMost(way.getKey() + ": test accuracy after " + EPOCHS + " epochs", 0.35, accuracy, "%.3f");
                    findings.equal(way.getKey() + ": different units in the first layer", 1, differentUnits(net.parameter("dense1.weight").toFloats()));
                } else if (!way.getKey().startsWith("normal")) {
                    findings.atLeast(way.getKey() + ": test accuracy after " + EPOCHS + " epochs", 0.85, accuracy, "%.3f");
                }
            }
        }
        findings.plot(curves.draw(), "Three hidden layers of 32 tanh units on the digits. Zero and constant weights stay near ln 10 = 2.30 or learn what one"
                + " unit can; far too small random weights lose many epochs first.");
    }

    private static long differentUnits(float[] weights) {
        int width = weights.length / 32;
        return java.util.stream.IntStream.range(0, 32)
                .mapToObj(unit -> java.util.Arrays.toString(java.util.Arrays.copyOfRange(weights, unit * width, (unit + 1) * width))).distinct().count();
    }
}

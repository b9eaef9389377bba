package dev.sinew.app.reproduce.mlp;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.graph.Gradients;
import dev.sinew.nn.Dense;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import java.io.IOException;

/** The gradient's way down through ten layers of sigmoid, tanh and ReLU units. */
final class Vanishing implements Reproduction {
    private static final int LAYERS = 10;
    private static final int BATCH = 256;

    private enum Unit { SIGMOID, TANH, RELU }

    @Override
    public String id() {
        return "vanishing";
    }

    @Override
    public String title() {
        return "Vanishing gradients";
    }

    @Override
    public String about() {
        return "Back-propagation multiplies by the slope of the unit in every layer, `delta_k = W^T delta_(k+1) * g'(a_k)`. The sigmoid's slope is at"
                + " most 1/4, so in a deep stack hardly anything arrives at the first layers; tanh with slope 1 at 0 and ReLU with weights scaled for"
                + " them (Xavier, Kaiming) keep it.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        Dataset digits = lab.digits().train();
        float[] pixels = new float[BATCH * 64];
        int[] labels = new int[BATCH];
        for (int i = 0; i < BATCH; i++) {
            System.arraycopy(digits.input(i), 0, pixels, i * 64, 64);
            labels[i] = digits.label(i);
        }
        double[] ratios = new double[3];
        Curves curves = Curves.of("Gradient of the weights by layer", "layer, from the input", "root mean square").logarithmic();
        for (Unit unit : Unit.values()) {
            double[] sizes = sizes(lab, unit, pixels, labels);
            ratios[unit.ordinal()] = sizes[0] / sizes[LAYERS - 1];
            curves.add(unit.name().toLowerCase(java.util.Locale.ROOT), sizes);
        }
        findings.atMost("sigmoid: first layer's gradient to the last's", 1e-4, ratios[0], "%.1e");
        findings.atLeast("tanh: the same", 0.05, ratios[1], "%.3f");
        findings.atLeast("ReLU: the same", 0.05, ratios[2], "%.3f");
        findings.plot(curves.draw(), "Ten hidden layers of 64 units at the beginning of a training on the digits: the root mean square of each layer's"
                + " weight gradient, on a logarithmic scale.");
    }

    private static double[] sizes(Lab lab, Unit unit, float[] pixels, int[] labels) {
        Network.Builder builder = Network.input(64);
        Initializer weights = unit == Unit.RELU ? new Initializer.KaimingNormal(Initializer.reluGain()) : new Initializer.XavierNormal(1);
        for (int i = 0; i < LAYERS; i++) {
            builder.layer(Dense.of(64).weights(weights));
            switch (unit) {
                case SIGMOID -> builder.sigmoid();
                case TANH -> builder.tanh();
                case RELU -> builder.relu();
            }
        }
        try (var _ = Scope.open(); Network net = builder.dense(10).build(lab.seed())) {
            Tensor loss = Loss.crossEntropy().apply(net.forward(Tensor.of(pixels, BATCH, 64)), Tensor.of(labels, BATCH));
            Tensor[] parameters = new Tensor[LAYERS];
            for (int i = 0; i < LAYERS; i++) {
                parameters[i] = net.parameter("dense" + (i + 1) + ".weight");
            }
            Gradients gradients = Gradients.of(loss, parameters);
            double[] sizes = new double[LAYERS];
            for (int i = 0; i < LAYERS; i++) {
                sizes[i] = Math.max(1e-30, gradients.get(parameters[i]).square().mean().sqrt().item());
            }
            return sizes;
        }
    }
}

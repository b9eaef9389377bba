package dev.sinew.app.reproduce.nets;

import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.models.BnInception;
import dev.sinew.models.GoogLeNet;
import dev.sinew.nn.Architecture;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** GoogLeNet in full size with its two classifiers halfway, and its successor with batch normalisation. */
final class FullGoogLeNet implements Reproduction {
    /** A row of the paper's table 1: a layer and its thousands of parameters; a thousand is 1,024 there, and biases are left out. */
    private record Row(String name, String prefix, int thousands) {}

    private static final List<Row> TABLE = List.of(new Row("convolution 7 x 7", "conv1", 0), new Row("convolutions 1 x 1 and 3 x 3",
    "conv[23]", 112),
            new Row("inception 3a", "inception3a", 159), new Row("inception 3b", "inception3b", 380), new Row("inception 4a",
            "inception4a", 364),
            new Row("inception 4b", "inception4b", 437), new Row("inception 4c", "inception4c", 463), new Row("inception 4d",
            "inception4d", 580),
            new Row("inception 4e", "inception4e", 840), new Row("inception 5a", "inception5a", 1072), new Row("inception 5b",
            "inception5b", 1388),
            new Row("linear", "dense1", 1000));

    @Override
    public String id() {
        return "googlenet";
    }

    @Override
    public String title() {
        return "Inception modules and two classifiers halfway";
    }

    @Override
    public String about() {
        return "A module looks at the same map through windows of 1 x 1, 3 x 3 and 5 x 5 pixels and through a pooling, and puts the"
                + " four results one behind the other; 1 x 1 convolutions in front keep the larger windows cheap. Two classifiers"
                + " halfway bring gradients to the first layers: the loss is `L + 0.3 L1 + 0.3 L2`, and inference does not compute"
                + " them.";
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(getClass(), FullSize.class, GoogLeNet.class, BnInception.class);
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        findings.equal("parameters without the two classifiers", 6_998_552, GoogLeNet.of(false, 3, 224, 224,
                1000).architecture().parameterCount());
        table(findings, GoogLeNet.of(false, 3, 224, 224, 1000).architecture());
        Architecture normalised = BnInception.of(3, 224, 224, 1000).architecture();
        long biases = normalised.parameters().stream().filter(p -> p.name().matches(".*conv\\d+\\.weight"))
                .mapToLong(p -> p.shape().dim(0)).sum();
        findings.equal("BN-Inception: parameters, were there a bias in each convolution", 11_295_240, normalised.parameterCount() + biases);
        try (Network net = GoogLeNet.of(true, 3, 224, 224, 1000).build(lab.seed())) {
            findings.equal("parameters with them", 13_378_280, net.architecture().parameterCount());
            FullSize.run(lab, findings, net, 224, 4, lab.pick(16, 40), 0.003, Objective.of("output", Loss.crossEntropy()).and("aux1",
                    Loss.crossEntropy(), 0.3)
                    .and("aux2", Loss.crossEntropy(), 0.3));
            findings.preformatted(net.architecture().summary(4));
        }
    }

    private static void table(Findings findings, Architecture net) {
        List<List<?>> rows = new ArrayList<>();
        double worst = 0;
        for (Row row : TABLE) {
            double thousands = net.parameters().stream().filter(p -> p.name().matches(row.prefix
                    + "\\..*weight")).mapToLong(p -> p.shape().count()).sum() / 1024.0;
            double off = row.thousands == 0 ? 0 : thousands / row.thousands - 1;
            worst = Math.max(worst, Math.abs(off));
            rows.add(List.of(row.name, row.thousands == 0 ? "2.7" : Integer.toString(row.thousands), String.format(Locale.ROOT, "%.1f",
                    thousands),
                    row.thousands == 0 ? "" : String.format(Locale.ROOT, "%+.1f %%", 100 * off)));
        }
        findings.atMost("weights of each layer against the paper's table but its first row: largest deviation", 0.08, worst, "%.3f");
        findings.table("Thousands (of 1,024) of weights, biases not counted. The paper's figures for 4a to 5b do not follow from the"
                + " numbers of channels in the same table, which are the ones used here; nor does that of the first layer, whose 7 x 7"
                + " windows over 3 channels have 9,408 weights for 64 maps.",
                List.of("layer", "paper", "here", "difference"), rows);
    }
}

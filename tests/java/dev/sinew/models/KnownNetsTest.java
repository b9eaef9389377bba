package dev.sinew.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.nn.Architecture;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import dev.sinew.nn.ParameterSpec;
import dev.sinew.optim.Sgd;
import dev.sinew.train.TrainStep;
import dev.sinew.train.Trainer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parameters and sizes against the papers and torchvision; nothing large is allocated. */
class KnownNetsTest {
    private static Network.Builder net(String name) {
        return switch (name) {
            case "alexnet" -> AlexNet.of(3, 227, 227, 1000);
            case "vgg16" -> Vgg.vgg16(3, 224, 224, 1000);
            case "vgg19" -> Vgg.vgg19(3, 224, 224, 1000);
            case "resnet18" -> ResNet.resnet18(3, 224, 224, 1000);
            case "resnet34" -> ResNet.resnet34(3, 224, 224, 1000);
            case "resnet50" -> ResNet.resnet50(3, 224, 224, 1000);
            case "resnet101" -> ResNet.resnet101(3, 224, 224, 1000);
            case "plain18" -> ResNet.plain18(3, 224, 224, 1000);
            case "plain34" -> ResNet.plain34(3, 224, 224, 1000);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** Values in all; the last layer before the classifier or the pooling over all pixels gives the map named. */
    @ParameterizedTest
    @CsvSource({"alexnet,60965224,maxpool3,256,6", "vgg16,138357544,maxpool5,512,7", "vgg19,143667240,maxpool5,512,7",
        "resnet18,11689512,residual8,512,7", "resnet34,21797672,residual16,512,7", "resnet50,25557032,residual16,2048,7",
        "resnet101,44549160,residual33,2048,7", "plain18,11515688,relu17,512,7", "plain34,21623848,relu33,512,7"})
    void parametersAndMaps(String name, long parameters, String last, long channels, long side) {
        Architecture net = net(name).architecture();
        assertThat(net.parameterCount()).isEqualTo(parameters);
        assertThat(net.shape(last)).isEqualTo(Shape.of(channels, side, side));
        assertThat(net.output()).isEqualTo(Shape.of(1000));
    }

    /** Option A has no parameters in its bypasses: the plain net's number (0.27 M to 0.85 M in table 6 of the paper). */
    @ParameterizedTest
    @CsvSource({"20,269722", "32,464154", "44,658586", "56,853018", "110,1727962"})
    void netsForSmallImages(int depth, long parameters) {
        assertThat(ResNet.small(depth, ResNet.Bypass.ZEROS, 3, 32, 32, 10).architecture().parameterCount()).isEqualTo(parameters);
        assertThat(ResNet.small(depth, ResNet.Bypass.NONE, 3, 32, 32, 10).architecture().parameterCount()).isEqualTo(parameters);
        long projections = 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64;
        assertThat(ResNet.small(depth, ResNet.Bypass.PROJECTION, 3, 32, 32, 10).architecture().parameterCount()).isEqualTo(parameters
                + projections);
    }

    @Test
    void depthsAreChecked() {
        assertThatThrownBy(() -> ResNet.small(18, ResNet.Bypass.NONE, 3, 32, 32, 10)).hasMessageContaining("6n +"
                + " 2").hasMessageContaining("18");
    }

    /** Every second pixel, and zeros behind: with weights of 0 in the body, and no negative input, that is what a block gives. */
    @Test
    void bypassOfZeros() {
        Network.Builder builder = ResNet.small(8, ResNet.Bypass.ZEROS, 1, 5, 4, 2);
        try (var _ = Scope.open(); Network net = builder.build(Seed.of(1))) {
            net.parameters().forEach((name, value) -> {
                if (name.startsWith("residual2.body.batchnorm2.")) {
                    value.fill(0);
                }
            });
            Map<String, Tensor> found = net.activations(Tensor.uniform(Shape.of(2, 1, 5, 4), -1, 1, 5), "relu2", "relu3");
            Tensor in = found.get("relu2");
            Tensor out = found.get("relu3");
            assertThat(out.shape()).isEqualTo(Shape.of(2, 32, 3, 2));
            for (long n = 0; n < 2; n++) {
                for (long c = 0; c < 32; c++) {
                    for (long y = 0; y < 3; y++) {
                        for (long x = 0; x < 2; x++) {
                            assertThat(out.get(n, c, y, x)).isEqualTo(c < 16 ? in.get(n, c, 2 * y, 2 * x) : 0);
                        }
                    }
                }
            }
        }
    }

    @Test
    void googLeNet() {
        Architecture whole = GoogLeNet.of(true, 3, 224, 224, 1000).architecture();
        assertThat(GoogLeNet.of(false, 3, 224, 224, 1000).architecture().parameterCount()).isEqualTo(6_998_552);
        assertThat(whole.parameterCount()).isEqualTo(13_378_280);
        assertThat(whole.outputs()).containsOnlyKeys("output");
        assertThat(whole.outputs(true)).containsOnlyKeys("output", "aux1", "aux2");
        Map<String, Shape> sizes = new LinkedHashMap<>();
        for (String name : List.of("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")) {
            sizes.put(name, whole.shape("inception" + name));
        }
        assertThat(sizes).containsEntry("3a", Shape.of(256, 28, 28)).containsEntry("3b", Shape.of(480, 28, 28)).containsEntry("4a",
                Shape.of(512, 14, 14))
                .containsEntry("4b", Shape.of(512, 14, 14)).containsEntry("4c", Shape.of(512, 14, 14)).containsEntry("4d", Shape.of(528,
                14, 14))
                .containsEntry("4e", Shape.of(832, 14, 14)).containsEntry("5a", Shape.of(832, 7, 7)).containsEntry("5b", Shape.of(1024,
                7, 7));
    }

    /** The well-known number, 11,295,240, is that of convolutions with a bias each, which batch normalisation makes useless. */
    @Test
    void bnInception() {
        Architecture net = BnInception.of(3, 224, 224, 1000).architecture();
        assertThat(net.parameterCount()).isEqualTo(11_285_224);
        long biases = net.parameters().stream().filter(p -> p.name().matches(".*conv\\d+\\.weight")).mapToLong(p -> p.shape().dim(0)).sum();
        assertThat(net.parameterCount() + biases).isEqualTo(11_295_240);
        assertThat(net.shape("inception3c")).isEqualTo(Shape.of(576, 14, 14));
        assertThat(net.shape("inception4e")).isEqualTo(Shape.of(1056, 7, 7));
        assertThat(net.shape("inception5b")).isEqualTo(Shape.of(1024, 7, 7));
    }

    /** The counts that the paper gives for each layer, 60,000 in all, and the dense layer instead of the last one's drawn characters. */
    @Test
    void leNet5OfThePaper() {
        Architecture net = LeNet5.original(10).architecture();
        Map<String, Long> counts = new LinkedHashMap<>();
        for (ParameterSpec p : net.parameters()) {
            counts.merge(p.name().substring(0, p.name().indexOf('.')), p.shape().count(), Long::sum);
        }
        assertThat(counts).containsExactly(Map.entry("c1", 156L), Map.entry("s2", 12L), Map.entry("c3", 1516L), Map.entry("s4", 32L),
                Map.entry("c5", 48_120L), Map.entry("f6", 10_164L), Map.entry("output", 850L));
        assertThat(net.shape("c1")).isEqualTo(Shape.of(6, 28, 28));
        assertThat(net.shape("s4")).isEqualTo(Shape.of(16, 5, 5));
        assertThat(net.summary()).contains("(5*5*3 + 1) * 6 + (5*5*4 + 1) * 9 + (5*5*6 + 1) * 1", "(14 - 5 + 2*0)/1 + 1 = 10");
    }

    /** A convolution that sees all is the same as one with a table that has all; one that sees part is one with zeros. */
    @Test
    void convolutionByTable() {
        var layer = new TableConv(List.of(List.of(1, 0), List.of(2)), 2);
        try (var _ = Scope.open(); Network net = Network.input(3, 4, 4).layer(layer).build(Seed.of(3), DType.F64)) {
            Tensor x = Tensor.uniform(Shape.of(2, 3, 4, 4), -1, 1, 8).cast(DType.F64);
            Tensor y = net.predict(x);
            Tensor w = net.parameter("tableconv1.weight");
            Tensor b = net.parameter("tableconv1.bias");
            int[][] seen = {{1, 0}, {2}};
            for (int out = 0; out < 2; out++) {
                double sum = b.get(out);
                for (int k = 0; k < seen[out].length; k++) {
                    for (int i = 0; i < 4; i++) {
                        sum += w.get(out == 0 ? k : 2, i / 2, i % 2) * x.get(1, seen[out][k], 1 + i / 2, 2 + i % 2);
                    }
                }
                assertThat(y.get(1, out, 1, 2)).isCloseTo(sum, within(1e-12));
            }
        }
        assertThatThrownBy(() -> new TableConv(List.of(List.of(1, 1)), 3)).hasMessageContaining("[1, 1]");
        assertThatThrownBy(() -> Network.input(2, 4, 4).layer(layer)).hasMessageContaining("3 channels");
    }

    @Test
    void subsampling() {
        try (var _ = Scope.open(); Network net = Network.input(2, 2, 3).layer(new Subsampling()).build(Seed.of(3))) {
            net.parameter("subsampling1.weight").copyFrom(new float[] {2, -1});
            net.parameter("subsampling1.bias").copyFrom(new float[] {0.5f, 3});
            assertThat(net.predict(Tensor.of(new float[] {1, 2, 9, 3, 4, 9, 1, 1, 9, 1, 1, 9}, 1, 2, 2,
                    3)).toFloats()).containsExactly(20.5f, -1f);
        }
    }

    /** The nets for small images learn a batch by heart. */
    @ParameterizedTest
    @CsvSource({"lenet5,1,32", "alexnet,1,28", "vgg7,3,16", "plain8,3,16", "resnet8,3,16"})
    void smallNetsLearn(String name, long channels, long side) {
        Network.Builder builder = switch (name) {
            case "lenet5" -> LeNet5.original(4);
            case "alexnet" -> AlexNet.small(channels, side, side, 4);
            case "vgg7" -> Vgg.small7(channels, side, side, 4);
            case "plain8" -> ResNet.small(8, ResNet.Bypass.NONE, channels, side, side, 4);
            default -> ResNet.small(8, ResNet.Bypass.ZEROS, channels, side, side, 4);
        };
        try (var _ = Scope.open(); Network net = builder.build(Seed.of(2));
                TrainStep step = Trainer.of(net, Objective.of(Loss.crossEntropy()), Sgd.rate(0.02).momentum(0.9)).compile(8)) {
            Tensor x = Tensor.normal(Shape.of(8, channels, side, side), 0, 1, 4);
            Tensor labels = Tensor.of(new int[] {0, 1, 2, 3, 0, 1, 2, 3}, 8);
            double loss = 0;
            for (int i = 0; i < 160; i++) {
                loss = step.step(x, labels, 0.005);
            }
            assertThat(loss).isLessThan(0.7);
        }
    }
}

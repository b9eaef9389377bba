package dev.sinew.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.sinew.DType;
import dev.sinew.LiveMemory;
import dev.sinew.NativeMemory;
import dev.sinew.Scope;
import dev.sinew.Scoped;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.PadMode;
import dev.sinew.functional.Pooling;
import dev.sinew.functional.Resampling;
import dev.sinew.functional.Window;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers of lines, images and volumes: what they say of their sizes is what they give; formulas and messages. */
@ExtendWith(Scoped.class)
class ImageLayersTest {
    private record Case(Layer layer, Shape input, Shape output, String size, String parameters) {}

    private static Case of(Layer layer, long[] input, long[] output, String size, String parameters) {
        return new Case(layer, Shape.of(input), Shape.of(output), size, parameters);
    }

    private static long[] s(long... sizes) {
        return sizes;
    }

    static Stream<Case> cases() {
        return Stream.of(
                of(Conv.of(6, 5).pad(2), s(1, 28, 28), s(6, 28, 28), "(28 - 5 + 2*2)/1 + 1 = 28", "(5*5*1 + 1) * 6"),
                of(Conv.of(4, Window.of(3, 2)).stride(2, 1).pad(s(1, 0), s(0, 1)).noBias(), s(3, 8, 6), s(4, 4, 6),
                        "(8 - 3 + 1 + 0)/2 + 1 = 4 x (6 - 2 + 0 + 1)/1 + 1 = 6", "3*2*3 * 4"),
                of(Conv.of(6, 3).groups(3).padding(PadMode.REFLECT).pad(1), s(3, 5, 4), s(6, 5, 4),
                        "(5 - 3 + 2*1)/1 + 1 = 5 x (4 - 3 + 2*1)/1 + 1 = 4", "(3*3*1 + 1) * 6"),
                of(Conv.of1d(8, 2).dilation(4).causal(), s(3, 16), s(8, 16), "(16 - (4*(2-1)+1) + 4 + 0)/1 + 1 = 16", "(2*3 + 1) * 8"),
                of(Conv.of1d(8, 4).same(), s(3, 16), s(8, 16), "(16 - 4 + 1 + 2)/1 + 1 = 16", "(4*3 + 1) * 8"),
                of(Conv.of3d(5, 3).stride(1, 2, 2).pad(1), s(2, 4, 6, 6), s(5, 4, 3, 3),
                        "(4 - 3 + 2*1)/1 + 1 = 4 x (6 - 3 + 2*1)/2 + 1 = 3 x (6 - 3 + 2*1)/2 + 1 = 3", "(3*3*3*2 + 1) * 5"),
                of(ConvTransposed.of(4, 3).stride(2).pad(1).outputPadding(1), s(8, 28, 28), s(4, 56, 56), "(28 - 1)*2 - 2*1 + 3 + 1 = 56",
                        "3*3*8 * 4 + 4"),
                of(ConvTransposed.of1d(4, 4).stride(2).groups(2).noBias(), s(8, 5), s(4, 12), "(5 - 1)*2 - 2*0 + 4 + 0 = 12", "4*8 * 2"),
                of(ConvTransposed.of3d(2, 2).stride(2).dilation(1, 2, 1), s(3, 2, 3, 2), s(2, 4, 7, 4),
                        "(2 - 1)*2 - 2*0 + 2 + 0 = 4 x (3 - 1)*2 - 2*0 + 2*(2-1) + 1 + 0 = 7 x (2 - 1)*2 - 2*0 + 2 + 0 = 4", "2*2*2*3 * 2 + 2"),
                of(MaxPool.of(2), s(3, 7, 6), s(3, 3, 3), "(7 - 2 + 2*0)/2 + 1 = 3 x (6 - 2 + 2*0)/2 + 1 = 3", ""),
                of(new MaxPool(Window.of(3).stride(2), true), s(3, 8), s(3, 4), "ceil((8 - 3 + 2*0)/2) + 1 = 4", ""),
                of(MaxPool.of(Window.of(2, 2, 2).stride(2)), s(3, 4, 4, 6), s(3, 2, 2, 3),
                        "(4 - 2 + 2*0)/2 + 1 = 2 x (4 - 2 + 2*0)/2 + 1 = 2 x (6 - 2 + 2*0)/2 + 1 = 3", ""),
                of(AvgPool.of(Window.of(3).stride(2).pad(1)), s(2, 9), s(2, 5), "(9 - 3 + 2*1)/2 + 1 = 5", ""),
                of(AvgPool.of(Window.of(2, 3, 3)), s(2, 3, 3, 3), s(2, 2, 1, 1),
                        "(3 - 2 + 2*0)/1 + 1 = 2 x (3 - 3 + 2*0)/1 + 1 = 1 x (3 - 3 + 2*0)/1 + 1 = 1", ""),
                of(LpPool.of(2, 2), s(2, 6, 6), s(2, 3, 3), "(6 - 2 + 2*0)/2 + 1 = 3", ""),
                of(StochasticPool.of(2), s(2, 6, 6), s(2, 3, 3), "(6 - 2 + 2*0)/2 + 1 = 3", ""),
                of(AdaptivePool.average(3, 2), s(4, 7, 5), s(4, 3, 2), "", ""),
                of(AdaptivePool.max(2), s(4, 5), s(4, 2), "", ""),
                of(new GlobalAvgPool(), s(4, 5, 3), s(4), "", ""),
                of(new GlobalAvgPool(), s(4, 5, 3, 2), s(4), "", ""),
                of(new GlobalMaxPool(), s(4, 5), s(4), "", ""),
                of(Upsample.by(Resampling.Mode.NEAREST, 2), s(3, 14, 14), s(3, 28, 28), "14*2.0 = 28", ""),
                of(Upsample.by(Resampling.Mode.LINEAR, 2, 1.5).aligned(), s(3, 4, 5), s(3, 8, 7), "4*2.0 = 8 x 5*1.5 = 7", ""),
                of(Upsample.to(Resampling.Mode.LINEAR, 3, 4, 5), s(2, 2, 2, 2), s(2, 3, 4, 5), "", ""),
                of(PixelShuffle.of(3), s(18, 2, 4), s(2, 6, 12), "2*3 = 6 x 4*3 = 12", ""),
                of(PixelShuffle.inverse(2), s(2, 6, 6), s(8, 3, 3), "6/2 = 3", ""),
                of(Pad.of(PadMode.REFLECT, 2), s(2, 5, 5), s(2, 9, 9), "5 + 2 + 2 = 9", ""),
                of(new DropChannels(0.5), s(4, 3, 3), s(4, 3, 3), "", ""),
                of(AlphaDrop.of(0.3), s(7), s(7), "", ""),
                of(new AlphaDrop(0.3, true), s(3, 4), s(3, 4), "", ""));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sizesAndFormulas(Case c) {
        assertThat(c.layer.output(c.input)).isEqualTo(c.output);
        assertThat(c.layer.sizeFormula(c.input)).isEqualTo(c.size);
        assertThat(c.layer.parameterFormula(c.input)).isEqualTo(c.parameters);
        try (Network net = Network.input(c.input.dims()).layer(c.layer).build(Seed.of(1))) {
            Tensor x = Tensor.uniform(c.input.withFirst(2), -1, 1, 3);
            assertThat(net.predict(x).shape()).isEqualTo(c.output.withFirst(2));
            assertThat(net.forward(x).shape()).isEqualTo(c.output.withFirst(2));
            assertThat(net.forward(x, true, Tensor.of(new long[] {1})).shape()).isEqualTo(c.output.withFirst(2));
            assertThat(net.summary()).contains(c.layer.kind());
        }
    }

    @Test
    void theNumberOfParametersIsThatOfTheFormula() {
        Architecture net = Network.input(8, 10, 10).layer(ConvTransposed.of(4, 3).stride(2).groups(2)).layer(Conv.of(6, 3).groups(2)).architecture();
        assertThat(net.parameterCount()).isEqualTo(3 * 3 * 8 * 2 + 4 + (3 * 3 * 2 + 1) * 6);
    }

    @Test
    void whatDoesNotFitIsNamed() {
        assertThatThrownBy(() -> Conv.of1d(2, 5).output(Shape.of(3, 4))).hasMessageContaining("conv: the window 5 does not fit")
                .hasMessageContaining("(4 - 5 + 2*0)/1 + 1 = 0");
        assertThatThrownBy(() -> Conv.of3d(2, 3).output(Shape.of(3, 4, 4))).hasMessageContaining("conv: needs [channels, depth, height, width]");
        assertThatThrownBy(() -> Conv.of(2, 3).stride(2).same()).hasMessageContaining("'same' padding for stride 2");
        assertThatThrownBy(() -> Conv.of(2, 3).stride(1, 2, 3)).hasMessageContaining("3 strides for 2 dimensions");
        assertThatThrownBy(() -> Conv.of(2, 3).pad(3).padding(PadMode.REFLECT).output(Shape.of(1, 3, 9))).hasMessageContaining("at most 2 on each side");
        assertThatThrownBy(() -> ConvTransposed.of(2, 3).outputPadding(1).output(Shape.of(1, 3, 3))).hasMessageContaining("output padding")
                .hasMessageContaining("stride 1");
        assertThatThrownBy(() -> ConvTransposed.of(2, 2).pad(3).output(Shape.of(1, 3, 3))).hasMessageContaining("nothing remains")
                .hasMessageContaining("(3 - 1)*1 - 2*3 + 2 + 0 = -2");
        assertThatThrownBy(() -> ConvTransposed.of(4, 2).groups(4).output(Shape.of(6, 3, 3))).hasMessageContaining("4 groups do not divide 6");
        assertThatThrownBy(() -> MaxPool.of(Window.of(3).pad(2))).hasMessageContaining("at most half the kernel");
        assertThatThrownBy(() -> AvgPool.of(Window.of(3).dilation(2))).hasMessageContaining("dilation must be 1");
        assertThatThrownBy(() -> new LpPool(0, Window.of(2), false)).hasMessageContaining("p must be above 0");
        assertThatThrownBy(() -> AdaptivePool.max(0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> AdaptivePool.max(2, 2).output(Shape.of(3, 4))).hasMessageContaining("[channels, height, width]");
        assertThatThrownBy(() -> Upsample.by(Resampling.Mode.NEAREST, 0.1).output(Shape.of(1, 3, 3))).hasMessageContaining("cannot be resized");
        assertThatThrownBy(() -> Upsample.by(Resampling.Mode.NEAREST, 2).aligned()).hasMessageContaining("only LINEAR and CUBIC");
        assertThatThrownBy(() -> PixelShuffle.of(2).output(Shape.of(6, 3, 3))).hasMessageContaining("multiple of 2*2");
        assertThatThrownBy(() -> Pad.of(PadMode.CIRCULAR, 4).output(Shape.of(1, 3, 3))).hasMessageContaining("mode CIRCULAR takes at most 3");
        assertThatThrownBy(() -> new AlphaDrop(1.5, false)).hasMessageContaining("p must be in [0, 1]");
        assertThatThrownBy(() -> new MaxUnpool(Window.of(2, 2).stride(2)).output(List.of(Shape.of(1, 3, 3), Shape.of(1, 4, 4))))
                .hasMessageContaining("pooling [1, 4, 4] gives [1, 2, 2]");
    }

    @Test
    void unpoolingInAGraph() {
        var g = Network.graph();
        Value x = g.input("x", 2, 6, 6);
        Value y = g.layer(MaxUnpool.of(2), x.layer(MaxPool.of(2)), x);
        try (Network net = g.output("y", y).build(Seed.of(1))) {
            Tensor in = Tensor.uniform(Shape.of(3, 2, 6, 6), -1, 1, 5);
            Tensor[] pooled = Pooling.maxWithIndices(in, Window.of(2, 2).stride(2), false);
            assertThat(net.predict(in).toFloats()).isEqualTo(Pooling.unpool(pooled[0], pooled[1], 6, 6).toFloats());
        }
    }

    @Test
    void aWindowThatScansIsTheNetAtEveryPlace() {
        Random random = new Random(8);
        try (Network net = Network.input(3, 22, 18).layer(Conv.of(6, 3)).batchNorm().relu().layer(Conv.of(8, 3)).relu().maxPool(2)
                .layer(Conv.of(8, 3).groups(2)).relu().layer(AvgPool.of(2)).flatten().dense(12).batchNorm().relu().dropout(0.5).dense(5)
                .build(Seed.of(4), DType.F64)) {
            for (String name : net.parameters().keySet()) {
                double[] values = net.parameter(name).toDoubles();
                Arrays.setAll(values, i -> name.contains("var") ? 0.5 + random.nextDouble() : values[i] + 0.1 * random.nextGaussian());
                net.parameter(name).copyFrom(Tensor.of(values, net.parameter(name).shape().dims()));
            }
            long h = 22 + 3 * 4 + 1;
            long w = 18 + 2 * 4;
            double[] pixels = random.doubles(2 * 3 * h * w, -1, 1).toArray();
            Tensor image = Tensor.of(pixels, 2, 3, h, w);
            assertThat(FullyConvolutional.stride(net)).containsExactly(4, 4);
            try (Network scan = FullyConvolutional.of(net, 3, h, w)) {
                assertThat(scan.architecture().output()).isEqualTo(Shape.of(5, 4, 3));
                Tensor map = scan.predict(image);
                for (int i = 0; i < 4; i++) {
                    for (int j = 0; j < 3; j++) {
                        double[] alone = net.predict(image.slice(2, 4 * i, 22).slice(3, 4 * j, 18)).toDoubles();
                        for (int k = 0; k < alone.length; k++) {
                            assertThat(map.get(k / 5, k % 5, i, j)).isCloseTo(alone[k], offset(1e-12));
                        }
                    }
                }
            }
        }
    }

    @Test
    void whatIsNoWindowCannotScan() {
        try (Network net = Network.input(1, 8, 8).conv(2, 3).globalAvgPool().dense(3).build(Seed.of(1))) {
            assertThatThrownBy(() -> FullyConvolutional.of(net, 1, 9, 9)).hasMessageContaining("globalavgpool1");
        }
        try (Network net = Network.input(1, 8, 8).conv(2, 3).dense(3).build(Seed.of(1))) {
            assertThatThrownBy(() -> FullyConvolutional.of(net, 1, 7, 9)).hasMessageContaining("dense1").hasMessageContaining("does not fit");
        }
    }

    @Test
    void nothingIsLeft() {
        long before = LiveMemory.settled();
        try (Scope _ = Scope.open()) {
            try (Network net = Network.input(2, 12).layer(Conv.of1d(3, 3).same()).relu().layer(new StochasticPool(Window.of(2).stride(2)))
                    .layer(new DropChannels(0.2)).dense(2).build(Seed.of(1))) {
                net.predict(Tensor.uniform(Shape.of(4, 2, 12), -1, 1, 1));
            }
        }
        assertThat(NativeMemory.liveBytes()).isEqualTo(before);
    }
}

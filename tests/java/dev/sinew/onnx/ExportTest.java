package dev.sinew.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sinew.NativeMemory;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Recurrent;
import dev.sinew.models.LeNet5;
import dev.sinew.models.ResNet;
import dev.sinew.models.Vgg;
import dev.sinew.nn.ActivationLayers;
import dev.sinew.nn.AvgPool;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Elementwise;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Layer;
import dev.sinew.nn.MaxPool;
import dev.sinew.nn.Network;
import dev.sinew.nn.ParameterSpec;
import dev.sinew.op.Ops;
import dev.sinew.op.Recurrence;
import dev.sinew.op.Unary;
import dev.sinew.op.Window2d;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is exported gives the same in ONNX Runtime, and in Sinew when it is read back, for batches of several sizes. */
class ExportTest {
    private static long liveBefore;

    @BeforeAll
    static void remember() {
        liveBefore = NativeMemory.liveBytes();
    }

    /** What is left to the collector must not vanish in the middle of a test that counts. */
    @AfterAll
    static void collect() throws InterruptedException {
        for (int i = 0; i < 40 && NativeMemory.liveBytes() > liveBefore; i++) {
            System.gc();
            Thread.sleep(50);
        }
        assertThat(NativeMemory.liveBytes()).isLessThanOrEqualTo(liveBefore);
    }

    private static final OrtEnvironment RUNTIME = OrtEnvironment.getEnvironment();

    /** Relative to the largest magnitude. */
    private static final double BOUND = 1e-5;

    static Stream<Arguments> nets() {
        return Stream.of(
                net("softmax", Network.input(1, 8, 8).dense(10)),
                net("mlp", Network.input(1, 7, 9).dense(33).tanh().dense(17).tanh().dense(10)),
                net("lenet5", LeNet5.modern(1, 28, 28, 10)),
                net("lenet5-tanh", LeNet5.tanh(1, 32, 30, 10)),
                net("cnn", Network.input(3, 13, 11).layer(Conv.of(8, 3).pad(1).noBias()).batchNorm().relu().maxPool(2)
                        .layer(Conv.of(9, 3).pad(1).noBias()).batchNorm().relu().dropout(0.3).dense(12).relu().dense(5)),
                net("resnet20", ResNet.resnet20(3, 32, 32, 10)),
                net("resnet18", ResNet.resnet18(3, 64, 64, 10)),
                net("vgg", Vgg.small11(3, 32, 32, 10)),
                net("conv", Network.input(4, 9, 10).layer(Conv.of(6, 3).stride(2).pad(1).dilation(2).groups(2)).layer(Conv.of(6, 1))
                        .layer(new Conv(6, new Window2d(2, 3, 1, 2, 0, 1, 1, 1), 6, true, Initializer.standard()))),
                net("maxpool", Network.input(3, 11, 14).layer(new MaxPool(new Window2d(3, 2, 2, 3, 1, 0, 1, 1), false))),
                net("maxpool-ceil", Network.input(3, 11, 14).layer(new MaxPool(new Window2d(3, 2, 2, 3, 1, 0, 1, 1), true))),
                net("maxpool-ceil-drops", Network.input(2, 5, 5).layer(new MaxPool(new Window2d(2, 2, 3, 3, 1, 1, 1, 1), true))),
                net("maxpool-dilated", Network.input(2, 9, 9).layer(new MaxPool(new Window2d(3, 3, 1, 2, 1, 1, 2, 2), false))),
                net("avgpool", Network.input(3, 11, 14).layer(new AvgPool(new Window2d(3, 2, 2, 3, 1, 1, 1, 1), false, false))),
                net("avgpool-padding", Network.input(3, 11, 14).layer(new AvgPool(new Window2d(3, 2, 2, 3, 1, 1, 1, 1), false, true))),
                net("avgpool-ceil", Network.input(3, 11, 14).layer(new AvgPool(new Window2d(3, 4, 2, 3, 1, 2, 1, 1), true, false))),
                net("avgpool-ceil-padding", Network.input(3, 12, 14).layer(new AvgPool(new Window2d(3, 4, 2, 3, 1, 2, 1, 1), true, true))),
                net("global", Network.input(3, 5, 6).globalAvgPool().layer(ActivationLayers.softmax())),
                net("batchnorm-rows", Network.input(13).batchNorm().dense(3)),
                net("flatten", Network.input(2, 3, 4).flatten().layer(ActivationLayers.logSoftmax())),
                net("identity", Network.input(5).flatten()));
    }

    private static Arguments net(String name, Network.Builder builder) {
        return Arguments.of(name, builder);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nets")
    void netsAreTheSameElsewhere(String name, Network.Builder builder) throws OrtException {
        try (Network net = builder.build(Seed.of(3))) {
            unlikeNew(net);
            check(net, 1, 2, 5);
        }
    }

    /** Gives a new net other biases than zeros, and other factors than ones. */
    static void unlikeNew(Network net) {
        net.parameters().forEach((key, tensor) -> {
            if (key.endsWith("running_var")) {
                tensor.copyFrom(Tensor.uniform(tensor.shape(), 0.5, 2, 11));
            } else if (tensor.shape().rank() == 1) {
                tensor.copyFrom(Tensor.uniform(tensor.shape(), 0.1, 0.9, 12));
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Unary.Kind.class)
    void everyElementwiseFunction(Unary.Kind kind) throws OrtException {
        double beta = kind == Unary.Kind.SOFTPLUS ? 3 : 0.9;
        try (Network net = Network.input(3, 5, 7).layer(new Elementwise(new Unary(kind, 0.4, beta))).build(Seed.of(1))) {
            check(net, 1, 3);
        }
    }

    static Stream<Layer> activations() {
        return Stream.of(ActivationLayers.step(), ActivationLayers.scaledTanh(), ActivationLayers.selu(), ActivationLayers.celu(0.7),
                ActivationLayers.geluTanh(), ActivationLayers.silu(), ActivationLayers.mish(), ActivationLayers.softplus(),
                ActivationLayers.softsign(), ActivationLayers.logSigmoid(), ActivationLayers.hardSigmoid(), ActivationLayers.hardTanh(),
                ActivationLayers.hardSwish(), ActivationLayers.relu6(), ActivationLayers.hardShrink(0.5), ActivationLayers.softShrink(0.5),
                ActivationLayers.tanhShrink(), ActivationLayers.threshold(0.1, -2), ActivationLayers.softmax(), ActivationLayers.logSoftmax());
    }

    @ParameterizedTest
    @MethodSource("activations")
    void everyActivation(Layer layer) throws OrtException {
        try (Network net = Network.input(4, 3, 6).layer(layer).build(Seed.of(1))) {
            check(net, 1, 3);
        }
    }

    /** A recurrent net over [T, I] samples. */
    private record Sequence(Recurrent net, long inputs, long hidden) implements Layer {
        @Override
        public String kind() {
            return "sequence";
        }

        @Override
        public Shape output(Shape input) {
            return Shape.of(input.dim(0), net.bothDirections() ? 2 * hidden : hidden);
        }

        @Override
        public List<ParameterSpec> parameters(Shape input) {
            List<ParameterSpec> all = new ArrayList<>();
            net.parameters(inputs, hidden).forEach((name, shape) -> all.add(ParameterSpec.of(name, shape, new Initializer.FanUniform(4))));
            return all;
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            return net.apply(context::parameter, x).y();
        }
    }

    @ParameterizedTest
    @EnumSource(Recurrence.Kind.class)
    void recurrentNets(Recurrence.Kind kind) throws OrtException {
        Recurrent plain = Recurrent.of(kind).batchesFirst();
        for (Recurrent recurrent : List.of(plain, plain.layers(2).bidirectional(), plain.noBias())) {
            try (Network net = Network.input(6, 5).layer(new Sequence(recurrent, 5, 7)).build(Seed.of(2))) {
                check(net, 1, 3);
            }
        }
    }

    /** A layer of one function, for operations that no layer has. */
    record Of(java.util.function.UnaryOperator<Tensor> function) implements Layer {
        @Override
        public String kind() {
            return "function";
        }

        @Override
        public Shape output(Shape input) {
            return function.apply(Tensor.zeros(input.withFirst(1).dims())).shape().withoutFirst();
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            return function.apply(x);
        }
    }

    /** Integers like x, from {@code least} on, some of them the same, {@code range} of them at most. */
    private static Tensor indices(Tensor x, int least, int range) {
        Tensor bounded = dev.sinew.functional.Activations.clamp(x.abs().mul(0.4 * range), 0, range).add(least);
        return bounded.cast(dev.sinew.DType.I32);
    }

    static Stream<Layer> functions() {
        Tensor places = Tensor.of(new int[] {2, 0, 2, 1}, 4);
        Tensor matrices = Tensor.normal(Shape.of(3, 6, 4), 0, 1, 3);
        Tensor kernel = Tensor.normal(Shape.of(3, 5, 2, 3), 0, 1, 4);
        return Stream.of(
                new Of(x -> Ops.apply(new dev.sinew.op.IndexSelect(1), x, places)),
                new Of(x -> dev.sinew.op.MatMul.of(x, matrices)),
                new Of(x -> Ops.apply(new dev.sinew.op.MatMul(false, true, 0.5), x, x)),
                new Of(x -> Ops.apply(new dev.sinew.op.PoolGather(), x, indices(x, 0, 6))),
                new Of(x -> Ops.apply(new dev.sinew.op.PoolScatter(4, 7, true), x, indices(x, -1, 3))),
                new Of(x -> Ops.apply(new dev.sinew.op.PoolScatter(3, 5, false), x, indices(x, -2, 9))),
                new Of(x -> Ops.apply(new dev.sinew.op.IndexAdd(2, x.shape().with(2, 3), -1), x, Tensor.of(new int[] {2, 0, 2, 1, 1}, 5))),
                new Of(x -> dev.sinew.functional.Normalization.groupNorm(x, 3, null, null, 0)),
                new Of(x -> dev.sinew.functional.Normalization.rmsNorm(x, 2, null, 1e-6)),
                new Of(x -> dev.sinew.functional.Resampling.resize(x, dev.sinew.functional.Resampling.Mode.LINEAR, 7, 11)),
                new Of(x -> dev.sinew.functional.Resampling.resize(x, dev.sinew.functional.Resampling.Mode.NEAREST, 10, 3)),
                new Of(x -> dev.sinew.functional.Convolution.transposed(x, kernel, null, dev.sinew.functional.Window.of(2, 3).stride(2, 2),
                        new long[] {1, 0}, 1)),
                new Of(x -> x.slice(2, 1, 2, 3).pad(new long[] {0, 0, 1, 0}, new long[] {0, 2, 0, -1}, 0.5)),
                new Of(x -> x.permute(0, 3, 1, 2).max(2).sub(1)),
                new Of(x -> x.sum(1, 3).broadcastTo(x.shape().dim(0), 5).pow(Tensor.scalar(2), dev.sinew.Broadcast.YES)),
                new Of(x -> x.maximum(Tensor.scalar(0.1), dev.sinew.Broadcast.YES).greater(x.mean(1, 2, 3).reshape(-1, 1, 1, 1), dev.sinew.Broadcast.YES)));
    }

    @ParameterizedTest
    @MethodSource("functions")
    void otherOperations(Layer layer) throws OrtException {
        try (Network net = Network.input(3, 5, 6).layer(layer).build(Seed.of(1))) {
            check(net, 2, 3);
        }
    }

    @Test
    void oldVersionsAndFixedBatches() throws OrtException {
        try (Network net = LeNet5.modern(1, 28, 28, 10).build(Seed.of(3))) {
            for (int opset = 13; opset <= 17; opset++) {
                compare(net, OnnxExport.of(net).opset(opset).bytes(), 4);
            }
            byte[] fixed = OnnxExport.of(net).batch(4).bytes();
            compare(net, fixed, 4);
            assertThat(OnnxModel.of(fixed).inputs().getFirst().sizes()).containsExactly(4, 1, 28, 28);
            assertThatThrownBy(() -> OnnxExport.of(net).opset(12)).hasMessageContaining("from 13 to 17, not 12");
            assertThatThrownBy(() -> OnnxExport.of(net).batch(0)).hasMessageContaining("at least 1 sample");
        }
    }

    static void check(Network net, long... batches) throws OrtException {
        byte[] model = OnnxExport.of(net).bytes();
        for (long batch : batches) {
            compare(net, model, batch);
        }
    }

    private static void compare(Network net, byte[] model, long batch) throws OrtException {
        try (Scope scope = Scope.open(); OnnxModel own = OnnxModel.of(model); OrtSession session = RUNTIME.createSession(model)) {
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            net.architecture().inputs().forEach((name, shape) ->
                    inputs.put(name, Tensor.normal(shape.withFirst(batch), 0, 1, 5 + batch)));
            Map<String, Tensor> expected = net.predictAll(inputs);
            Map<String, OnnxTensor> given = new LinkedHashMap<>();
            for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
                given.put(input.getKey(), OnnxTensor.createTensor(RUNTIME, FloatBuffer.wrap(input.getValue().toFloats()), input.getValue().shape().dims()));
            }
            Map<String, Tensor> again = own.run(inputs);
            try (OrtSession.Result results = session.run(given)) {
                int i = 0;
                for (Tensor want : expected.values()) {
                    OnnxTensor got = (OnnxTensor) results.get(i);
                    assertThat(got.getInfo().getShape()).isEqualTo(want.shape().dims());
                    close("ONNX Runtime", want.toFloats(), got.getFloatBuffer());
                    close("read back", want.toFloats(), FloatBuffer.wrap(again.get(own.outputs().get(i).name()).toFloats()));
                    i++;
                }
            } finally {
                given.values().forEach(OnnxTensor::close);
            }
        }
    }

    private static void close(String who, float[] want, FloatBuffer got) {
        double most = 0;
        for (float value : want) {
            most = Float.isFinite(value) ? Math.max(most, Math.abs(value)) : most;
        }
        for (int i = 0; i < want.length; i++) {
            float value = got.get(i);
            boolean same = Float.compare(want[i], value) == 0 || Float.isNaN(want[i]) && Float.isNaN(value)
                    || Math.abs((double) want[i] - value) <= BOUND * most;
            assertThat(same).as("%s: element %d is %s instead of %s", who, i, value, want[i]).isTrue();
        }
    }

    @Test
    void whatOnnxLacksIsNamed() {
        Layer both = new Layer() {
            @Override
            public String kind() {
                return "both";
            }

            @Override
            public Shape output(Shape input) {
                return Shape.of(1);
            }

            @Override
            public Tensor apply(Context context, Tensor x) {
                Tensor place = Ops.apply(new dev.sinew.op.Reduce(dev.sinew.op.Reduce.Kind.ARGMAX, List.of(1, 2), false), x);
                return place.cast(dev.sinew.DType.F32).reshape(-1, 1);
            }
        };
        try (Network net = Network.input(3, 4).layer(both).build(Seed.of(1))) {
            assertThatThrownBy(() -> OnnxExport.of(net).bytes()).isInstanceOf(UnsupportedOnnxException.class)
                    .hasMessageContaining("onnx export: argmax(f32[2, 3, 4]) over several dimensions");
        }
    }
}

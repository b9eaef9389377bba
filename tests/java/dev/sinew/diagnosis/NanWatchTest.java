package dev.sinew.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.NativeMemory;
import dev.sinew.Scoped;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.data.ArrayDataset;
import dev.sinew.data.Digits;
import dev.sinew.nn.Layer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import dev.sinew.train.Trainer;
import java.util.function.UnaryOperator;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Each planted NaN or infinity must be found where it was planted. */
@ExtendWith(Scoped.class)
class NanWatchTest {
    /** A layer of any function. */
    private record Apply(String kind, UnaryOperator<Tensor> function) implements Layer {
        @Override
        public Shape output(Shape input) {
            return input;
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            return function.apply(x);
        }
    }

    private static Network net(UnaryOperator<Tensor> function) {
        return Network.input(3).dense(4).layer(new Apply("planted", function)).dense(2).build(Seed.of(1));
    }

    private static NanWatch.Finding find(Network net, Tensor x) {
        String before = net.sha256();
        NanWatch.Finding finding = NanWatch.find(net, Loss.crossEntropy(), x, Tensor.of(new int[] {0, 1}, 2), 1).orElseThrow();
        assertThat(net.sha256()).isEqualTo(before);
        return finding;
    }

    private static NanWatch.Finding find(UnaryOperator<Tensor> function) {
        try (Network net = net(function)) {
            return find(net, Tensor.of(new float[] {1, 2, 3, -1, -2, -3}, 2, 3));
        }
    }

    @Test
    void logarithmOfNegative() {
        NanWatch.Finding finding = find(Tensor::log);
        assertThat(finding.what()).isEqualTo("log(f32[2, 4])");
        assertThat(finding.origin().layer()).isEqualTo("planted1");
        assertThat(finding.origin().gradient()).isFalse();
        assertThat(finding.inputs().getFirst().values().min()).isNegative();
        assertThat(finding.output().nans()).isPositive();
        assertThat(finding.toString()).startsWith("log(f32[2, 4]) of layer planted1 gave ").contains(" NaN, of 8 values", "input 0: -", "negative number");
    }

    @Test
    void logarithmOfZero() {
        assertThat(find(x -> x.mul(0).log()).hint()).contains("logarithm of 0 is minus infinity");
    }

    @Test
    void zeroByZero() {
        NanWatch.Finding finding = find(x -> x.sub(x).div(x.sub(x)));
        assertThat(finding.what()).startsWith("div(");
        assertThat(finding.hint()).contains("0/0 is NaN");
    }

    @Test
    void overflow() {
        NanWatch.Finding exp = find(x -> x.mul(1000).exp());
        assertThat(exp.what()).startsWith("exp(");
        assertThat(exp.hint()).contains("88.7");
        NanWatch.Finding square = find(x -> x.mul(1e30).square());
        assertThat(square.what()).startsWith("square(");
        assertThat(square.hint()).contains("too large");
    }

    @Test
    void onlyTheGradientIsInfinite() {
        // sqrt(0) is 0, its derivative is not
        NanWatch.Finding finding = find(x -> x.mul(0).sqrt());
        assertThat(finding.origin().gradient()).isTrue();
        assertThat(finding.toString()).startsWith("sqrt_gradient(").contains("of the gradient of layer planted1", "derivative of sqrt is infinite at 0");
    }

    @Test
    void infinitiesThatNothingSuffersFromAreNotBlamed() {
        float inf = Float.NEGATIVE_INFINITY;
        UnaryOperator<Tensor> masked = x -> x.add(Tensor.of(new float[] {0, 0, inf, inf, 0, 0, inf, inf}, 2, 4)).softmax();
        try (Network net = net(masked)) {
            assertThat(NanWatch.find(net, Loss.crossEntropy(), Tensor.zeros(2, 3), Tensor.of(new int[] {0, 1}, 2), 1)).isEmpty();
        }
        NanWatch.Finding finding = find(x -> masked.apply(x).log().log());
        assertThat(finding.what()).startsWith("log(");
    }

    @Test
    void dataAndWeights() {
        try (Network net = net(Tensor::relu)) {
            NanWatch.Finding data = find(net, Tensor.of(new float[] {1, 2, 3, 4, Float.NaN, 6}, 2, 3));
            assertThat(data.toString()).startsWith("the data: 1 NaN, of 6 values; 1.000 to 6.000").contains("index 4, which is in row 1 of f32[2, 3]");
            net.parameter("dense2.weight").copyFrom(new float[] {1, 2, 3, Float.POSITIVE_INFINITY, 5, 6, 7, 8});
            assertThat(find(net, Tensor.zeros(2, 3)).toString()).startsWith("the parameter dense2.weight: 1 infinite, of 8 values");
        }
    }

    @Test
    void batchNormalisationAndDropoutAreRepeatedAsTheyWere() {
        try (Network net = Network.input(1, 8, 8).conv(4, 3).batchNorm().relu().dropout(0.5).layer(new Apply("planted", Tensor::log)).dense(10)
                .build(Seed.of(1))) {
            long before = NativeMemory.liveBytes();
            Trainer trainer = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(0.1)).batch(32).watchNan();
            NotFiniteException thrown = Assertions.catchThrowableOfType(NotFiniteException.class, () -> trainer.fit(Digits.load().train()));
            assertThat(thrown).hasMessageStartingWith("step 1 of the training made a loss of ").hasMessageContaining("the first such value: log(");
            assertThat(thrown.finding().origin().layer()).isEqualTo("planted1");
            assertThat(NativeMemory.liveBytes()).isLessThanOrEqualTo(before);
        }
    }

    @Test
    void aTrainingThatDiverges() {
        try (Network net = Network.input(1, 8, 8).dense(32).relu().dense(10).build(Seed.of(1))) {
            Trainer trainer = Trainer.of(net, Loss.meanSquaredError(), Sgd.rate(1e8)).batch(32).epochs(20).watchNan();
            float[] values = new float[64 * 64];
            java.util.Arrays.fill(values, 1);
            ArrayDataset data = ArrayDataset.of(values, Shape.of(1, 8, 8), new float[640], Shape.of(10));
            NotFiniteException thrown = Assertions.catchThrowableOfType(NotFiniteException.class, () -> trainer.fit(data));
            assertThat(thrown.getMessage()).containsAnyOf("too large for its type", "the optimiser's update with learning rate 1.0E8");
        }
    }

    @Test
    void watchingChangesNothing() {
        String[] weights = new String[2];
        for (int watched = 0; watched < 2; watched++) {
            try (Network net = Network.input(1, 8, 8).conv(4, 3).batchNorm().relu().dropout(0.5).dense(10).build(Seed.of(1))) {
                Trainer trainer = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(0.1)).batch(128);
                (watched == 1 ? trainer.watchNan() : trainer).fit(Digits.load().train());
                weights[watched] = net.sha256();
            }
        }
        assertThat(weights[1]).isEqualTo(weights[0]);
    }

    @Test
    void statistics() {
        assertThat(Statistics.of(1, 2, 3, 4)).isEqualTo(new Statistics(4, 0, 0, 1, 4, 2.5, Math.sqrt(1.25)));
        assertThat(Statistics.of(Double.NaN)).hasToString("1 NaN, of 1 values; none finite");
        assertThatThrownBy(() -> NanWatch.of(null, Loss.crossEntropy())).isInstanceOf(NullPointerException.class);
    }
}

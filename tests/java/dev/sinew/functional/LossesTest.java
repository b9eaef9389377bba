package dev.sinew.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinew.Scoped;
import dev.sinew.Seed;
import dev.sinew.Tensor;
import dev.sinew.data.ArrayDataset;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.op.Reduction;
import dev.sinew.optim.Adam;
import dev.sinew.Shape;
import dev.sinew.train.Trainer;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the golden data do not say of the losses: errors, corners, training. */
@ExtendWith(Scoped.class)
class LossesTest {
    @Test
    void wrongArgumentsAreNamed() {
        Tensor x = Tensor.zeros(2, 3, 4);
        Tensor labels = Tensor.of(new int[8], 2, 4);
        refused(() -> Losses.crossEntropy(x, Tensor.of(new int[2], 2)), "cross_entropy", "[2, 4]", "[2]");
        refused(() -> Losses.crossEntropy(Tensor.zeros(3), labels), "[N, K]", "[3]");
        refused(() -> Losses.crossEntropy(x, Tensor.of(new int[] {0, 1, 2, 3, 0, 0, 0, 0}, 2, 4)), "cross_entropy");
        refused(() -> Losses.nll(x, Tensor.of(new int[] {0, 1, 2, 3, 0, 0, 0, 0}, 2, 4)), "cross_entropy_gradient");
        refused(() -> Losses.softCrossEntropy(x, x, null, 2, Reduction.SUM), "smoothing", "2.0");
        refused(() -> Losses.softCrossEntropy(x, Tensor.zeros(2, 3), null, 0, Reduction.SUM), "soft_cross_entropy", "[2, 3]");
        refused(() -> Losses.focal(x, labels, null, -1, Reduction.SUM), "focal: gamma", "-1.0");
        refused(() -> Losses.binaryFocal(x, x, 1.5, 2, Reduction.SUM), "alpha", "1.5");
        refused(() -> Losses.huber(x, x, 0, Reduction.SUM), "huber: delta", "0.0");
        refused(() -> Losses.smoothL1(x, x, -1, Reduction.SUM), "smooth_l1: beta", "-1.0");
        refused(() -> Losses.l1(x, Tensor.zeros(2, 3), Reduction.NONE), "l1", "[2, 3, 4]", "[2, 3]");
        refused(() -> Losses.multiLabelMargin(x, x, Reduction.NONE), "[N, K]");
        refused(() -> Losses.masked(x, Tensor.zeros(3), Reduction.MEAN), "masked");
        refused(() -> MetricLosses.distance(x, x, 3), "p must be 1 or 2, not 3");
        refused(() -> MetricLosses.contrastive(x, x, Tensor.zeros(2), 1, Reduction.SUM), "contrastive", "[2, 3]", "[2]");
        refused(() -> MetricLosses.cosineEmbedding(x, Tensor.zeros(1), x, 1, Reduction.SUM), "cosine");
    }

    private static void refused(Supplier<Object> make, String... parts) {
        assertThatThrownBy(make::get).isInstanceOf(IllegalArgumentException.class).satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @Test
    void corners() {
        float inf = Float.POSITIVE_INFINITY;
        Tensor sure = Tensor.of(new float[] {0, -inf}, 1, 2);
        assertThat(Losses.nll(sure, Tensor.of(new int[] {0}, 1)).item()).isZero();
        assertThat(Losses.bce(Tensor.of(new float[] {0, 1}, 2), Tensor.of(new float[] {1, 1}, 2), null, Reduction.NONE).toFloats()).containsExactly(100, 0);
        assertThat(Losses.focal(Tensor.of(new float[] {200, 0}, 1, 2), Tensor.of(new int[] {0}, 1), null, 2, Reduction.MEAN).item()).isZero();
        assertThat(Losses.masked(Tensor.of(new float[] {1, 2, 9}, 3), Tensor.of(new float[] {1, 1, 0}, 3), Reduction.MEAN).item()).isEqualTo(1.5);
        Tensor same = Tensor.zeros(2, 3);
        assertThat(MetricLosses.contrastive(same, same, Tensor.of(new float[] {1, 0}, 2), 1, Reduction.NONE).toFloats()).containsExactly(new float[] {0.5f, 0}, within(1e-5f));
        assertThat(Losses.hinge(Tensor.of(new float[] {1, 2, 0.5f}, 1, 3), Tensor.of(new int[] {0}, 1)).item()).isCloseTo(2.5, within(1e-6));
    }

    /** Pixels brighter than 0.5 are class 1: a net of 1 x 1 convolutions learns it from maps of labels. */
    @Test
    void imagesAreSegmented() {
        float[] images = Tensor.uniform(Shape.of(64 * 36), 0, 1, 3).toFloats();
        float[] maps = new float[images.length];
        for (int i = 0; i < maps.length; i++) {
            maps[i] = images[i] > 0.5f ? 1 : 0;
        }
        ArrayDataset data = ArrayDataset.of(images, Shape.of(1, 6, 6), maps, Shape.of(6, 6));
        try (Network net = Network.input(1, 6, 6).layer(Conv.of(8, 1)).relu().layer(Conv.of(2, 1)).build(Seed.of(3))) {
            var run = Trainer.of(net, Loss.crossEntropy(), Adam.rate(0.05)).batch(16).epochs(30).fit(data);
            assertThat(run.evaluate(data).accuracy()).isGreaterThan(0.97);
        }
    }

    @Test
    void everyLossTrainsANet() {
        List<Loss> alike = List.of(Loss.l1(), Loss.smoothL1(1), Loss.huber(1), Loss.softCrossEntropy(), Loss.binaryFocal(0.25, 2), Loss.poissonNll(),
                Loss.softMargin(), Loss.multiLabelMargin(), Loss.dice(1), Loss.klDivergence());
        Tensor x = Tensor.normal(Shape.of(8, 5), 0, 1, 1);
        for (Loss loss : alike) {
            falls(loss, x, Tensor.uniform(Shape.of(8, 3), 0, 1, 2).greater(Tensor.full(dev.sinew.DType.F32, Shape.of(8, 3), 0.5), dev.sinew.Broadcast.NO));
        }
        for (Loss loss : List.of(Loss.nll(), Loss.focal(2), Loss.crossEntropy())) {
            falls(loss, x, Tensor.of(new int[] {0, 1, 2, 0, 1, 2, 0, 1}, 8));
        }
    }

    private static void falls(Loss loss, Tensor x, Tensor target) {
        try (Network net = Network.input(5).dense(3).layer(dev.sinew.nn.ActivationLayers.logSoftmax()).build(Seed.of(1));
                var step = Trainer.of(net, loss, Adam.rate(0.01)).compile(8)) {
            double first = step.step(x, target, 0.01);
            double last = first;
            for (int i = 0; i < 20; i++) {
                last = step.step(x, target, 0.01);
            }
            assertThat(last).as(loss.toString()).isLessThan(first).isFinite();
        }
    }
}

package dev.sinew.nn;

import dev.sinew.functional.Resampling;
import dev.sinew.Tensor;
import dev.sinew.op.Unary;
import dev.sinew.op.Window2d;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What layers can be put after: a net that is built as a sequence ({@link Network.Builder}), or a value of one that is
 * built as a graph ({@link Value}).
 *
 * <p>Layers are named by their kind and number, such as {@code conv1}, {@code relu1}, {@code conv2}, unless {@link #named}
 * says otherwise.
 *
 * @param <S> what the methods return
 */
public interface Chain<S extends Chain<S>> {
    /** Any layer. */
    S layer(Layer layer);

    /**
     * Another name for the layer or block that was put last, such as {@code stem}: its parameters are then named
     * {@code stem.weight}.
     *
     * @throws IllegalArgumentException when it is not made of letters, digits, {@code _}, {@code -} and dots, or is taken
     */
    S named(String name);

    /** What the function puts, under a common name: its {@code conv1} is {@code name.conv1}. */
    S block(String name, UnaryOperator<S> body);

    /** Several layers. */
    default S layers(List<Layer> more) {
        @SuppressWarnings("unchecked")
        S end = (S) this;
        for (Layer layer : more) {
            end = end.layer(layer);
        }
        return end;
    }

    /** Convolution with stride 1, no padding, with bias. */
    default S conv(long channels, long kernel) {
        return layer(Conv.of(channels, kernel));
    }

    /** Convolution with stride 1 and padding, with bias. */
    default S conv(long channels, long kernel, long pad) {
        return layer(Conv.of(channels, kernel).pad(pad));
    }

    /** Transposed convolution with bias: sizes become (size - 1) stride + kernel. */
    default S convTransposed(long channels, long kernel, long stride) {
        return layer(ConvTransposed.of(channels, kernel).stride(stride));
    }

    /** Images become larger by a factor, every pixel repeated. */
    default S upsample(double factor) {
        return layer(Upsample.by(Resampling.Mode.NEAREST, factor));
    }

    /** Fully connected, with bias. */
    default S dense(long units) {
        return layer(Dense.of(units));
    }

    /** Batch normalisation. */
    default S batchNorm() {
        return layer(Normalize.standard());
    }

    /** Maximum over size x size windows, stride size. */
    default S maxPool(long size) {
        return layer(MaxPool.of(size));
    }

    /** Maximum over windows. */
    default S maxPool(Window2d window) {
        return layer(new MaxPool(window, false));
    }

    /** Mean over size x size windows, stride size. */
    default S avgPool(long size) {
        return layer(AvgPool.of(size));
    }

    /** Mean of every channel. */
    default S globalAvgPool() {
        return layer(new GlobalAvgPool());
    }

    /** Maximum of every channel. */
    default S globalMaxPool() {
        return layer(new GlobalMaxPool());
    }

    /** Dropout. */
    default S dropout(double p) {
        return layer(new Drop(p));
    }

    /** All of a sample in one dimension. Dense layers do it by themselves. */
    default S flatten() {
        return layer(new Flatten());
    }

    /** max(x, 0). */
    default S relu() {
        return activation(Unary.of(Unary.Kind.RELU));
    }

    /** Hyperbolic tangent. */
    default S tanh() {
        return activation(Unary.of(Unary.Kind.TANH));
    }

    /** 1 / (1 + exp(-x)). */
    default S sigmoid() {
        return activation(Unary.of(Unary.Kind.SIGMOID));
    }

    /** x above 0, slope x below. */
    default S leakyRelu(double slope) {
        return activation(new Unary(Unary.Kind.LEAKY_RELU, slope, 0));
    }

    /** x above 0, alpha (exp(x) - 1) below. */
    default S elu(double alpha) {
        return activation(new Unary(Unary.Kind.ELU, alpha, 0));
    }

    /** x Phi(x). */
    default S gelu() {
        return activation(Unary.of(Unary.Kind.GELU));
    }

    /** Any elementwise function. */
    default S activation(Unary function) {
        return layer(new Elementwise(function));
    }

    /**
     * Any function of batches by operations on tensors, see {@link Join#of}.
     *
     * @param kind the word for names and summaries
     */
    default S function(String kind, UnaryOperator<Tensor> function) {
        return layer(Join.of(kind, in -> function.apply(in.getFirst())));
    }

    /** A residual branch; empty shortcut: the identity. */
    default S residual(List<Layer> body, List<Layer> shortcut) {
        return layer(new Residual(body, shortcut));
    }
}

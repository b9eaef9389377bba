package dev.sinew;

import dev.sinew.op.Binary;
import dev.sinew.op.Ops;
import dev.sinew.op.Unary;
import java.util.Objects;

/**
 * The functions of a {@link Tensor} that treat each element by itself.
 *
 * <p>Of two tensors the shapes must be equal, unless {@link Broadcast#YES} is passed.
 */
public sealed interface Elementwise permits Tensor {
    /** this + other. */
    default Tensor add(Tensor other) {
        return binary(Binary.Kind.ADD, other, Broadcast.NO);
    }

    /** this + other. */
    default Tensor add(Tensor other, Broadcast broadcast) {
        return binary(Binary.Kind.ADD, other, broadcast);
    }

    /** this + value. */
    default Tensor add(double value) {
        return unary(new Unary(Unary.Kind.AFFINE, 1, value));
    }

    /** this - other. */
    default Tensor sub(Tensor other) {
        return binary(Binary.Kind.SUB, other, Broadcast.NO);
    }

    /** this - other. */
    default Tensor sub(Tensor other, Broadcast broadcast) {
        return binary(Binary.Kind.SUB, other, broadcast);
    }

    /** this - value. */
    default Tensor sub(double value) {
        return add(-value);
    }

    /** this times other, element by element. */
    default Tensor mul(Tensor other) {
        return binary(Binary.Kind.MUL, other, Broadcast.NO);
    }

    /** this times other, element by element. */
    default Tensor mul(Tensor other, Broadcast broadcast) {
        return binary(Binary.Kind.MUL, other, broadcast);
    }

    /** this times value. */
    default Tensor mul(double value) {
        return unary(new Unary(Unary.Kind.AFFINE, value, 0));
    }

    /** this divided by other, element by element. */
    default Tensor div(Tensor other) {
        return binary(Binary.Kind.DIV, other, Broadcast.NO);
    }

    /** this divided by other, element by element. */
    default Tensor div(Tensor other, Broadcast broadcast) {
        return binary(Binary.Kind.DIV, other, broadcast);
    }

    /** this to the power of other, element by element. */
    default Tensor pow(Tensor other, Broadcast broadcast) {
        return binary(Binary.Kind.POW, other, broadcast);
    }

    /** The larger of each pair; NaN wins. */
    default Tensor maximum(Tensor other, Broadcast broadcast) {
        return binary(Binary.Kind.MAXIMUM, other, broadcast);
    }

    /** The smaller of each pair; NaN wins. */
    default Tensor minimum(Tensor other, Broadcast broadcast) {
        return binary(Binary.Kind.MINIMUM, other, broadcast);
    }

    /** 1 where equal, else 0. */
    default Tensor equal(Tensor other, Broadcast broadcast) {
        return binary(Binary.Kind.EQUAL, other, broadcast);
    }

    /** 1 where this is greater, else 0. */
    default Tensor greater(Tensor other, Broadcast broadcast) {
        return binary(Binary.Kind.GREATER, other, broadcast);
    }

    /** max(x, 0). */
    default Tensor relu() {
        return unary(Unary.of(Unary.Kind.RELU));
    }

    /** 1 / (1 + exp(-x)). */
    default Tensor sigmoid() {
        return unary(Unary.of(Unary.Kind.SIGMOID));
    }

    /** Hyperbolic tangent. */
    default Tensor tanh() {
        return unary(Unary.of(Unary.Kind.TANH));
    }

    /** x for x above 0, slope x below. */
    default Tensor leakyRelu(double slope) {
        return unary(new Unary(Unary.Kind.LEAKY_RELU, slope, 0));
    }

    /** x for x above 0, alpha (exp(x) - 1) below. */
    default Tensor elu(double alpha) {
        return unary(new Unary(Unary.Kind.ELU, alpha, 0));
    }

    /** x Phi(x). */
    default Tensor gelu() {
        return unary(Unary.of(Unary.Kind.GELU));
    }

    /** The tanh approximation of {@link #gelu}. */
    default Tensor geluTanh() {
        return unary(Unary.of(Unary.Kind.GELU_TANH));
    }

    /** e^x. */
    default Tensor exp() {
        return unary(Unary.of(Unary.Kind.EXP));
    }

    /** Natural logarithm. */
    default Tensor log() {
        return unary(Unary.of(Unary.Kind.LOG));
    }

    /** Square root. */
    default Tensor sqrt() {
        return unary(Unary.of(Unary.Kind.SQRT));
    }

    /** x^2. */
    default Tensor square() {
        return unary(Unary.of(Unary.Kind.SQUARE));
    }

    /** |x|. */
    default Tensor abs() {
        return unary(Unary.of(Unary.Kind.ABS));
    }

    /** -x. */
    default Tensor neg() {
        return mul(-1);
    }

    /** 1 / x. */
    default Tensor reciprocal() {
        return unary(Unary.of(Unary.Kind.RECIPROCAL));
    }

    /** -1, 0 or 1. */
    default Tensor sign() {
        return unary(Unary.of(Unary.Kind.SIGN));
    }

    private Tensor unary(Unary function) {
        return Ops.apply(function, (Tensor) this);
    }

    private Tensor binary(Binary.Kind kind, Tensor other, Broadcast broadcast) {
        Binary function = new Binary(kind, Objects.requireNonNull(broadcast, "broadcast"));
        return Ops.apply(function, (Tensor) this, Objects.requireNonNull(other, "other"));
    }
}

package dev.sinew.op;

import dev.sinew.bindings.Sinew;
import java.util.Objects;

/**
 * An elementwise function that can be fused into the operation before it.
 *
 * @param kind which function
 * @param alpha the parameter of leaky ReLU (slope) and ELU; ignored by the others
 */
public record Activation(Kind kind, double alpha) {
    /** Checks that the parameter is finite. */
    public Activation {
        Objects.requireNonNull(kind, "activation: kind");
        Check.finite("activation", "alpha", alpha);
    }

    /** y = x. */
    public static final Activation IDENTITY = new Activation(Kind.IDENTITY, 0);

    /** The functions, with libsinew's codes. */
    public enum Kind {
        /** x. */
        IDENTITY(Sinew.SN_IDENTITY()),
        /** max(x, 0). */
        RELU(Sinew.SN_RELU()),
        /** 1 / (1 + exp(-x)). */
        SIGMOID(Sinew.SN_SIGMOID()),
        /** Hyperbolic tangent. */
        TANH(Sinew.SN_TANH()),
        /** x for x above 0, alpha x below. */
        LEAKY_RELU(Sinew.SN_LEAKY_RELU()),
        /** x for x above 0, alpha (exp(x) - 1) below (Clevert et al. 2015). */
        ELU(Sinew.SN_ELU());

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }
}

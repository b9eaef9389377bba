package dev.sinew.op;

import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.bindings.Sinew;

/** What a loss makes of the losses of its rows or elements. */
public enum Reduction {
    /** Leaves them as they are. */
    NONE(Sinew.SN_REDUCTION_NONE()),
    /** Their mean, a scalar; for a weighted cross-entropy the sum divided by the sum of the weights. */
    MEAN(Sinew.SN_REDUCTION_MEAN()),
    /** Their sum, a scalar. */
    SUM(Sinew.SN_REDUCTION_SUM());

    private final int code;

    Reduction(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** The loss made of single losses of that kind. */
    Spec of(Spec losses) {
        return this == NONE ? losses : losses.withShape(Shape.scalar());
    }
}

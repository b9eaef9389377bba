package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_fill_args;
import java.util.List;
import java.util.Objects;

/**
 * A tensor with every element the same; takes no inputs.
 *
 * @param spec what it is; not int64
 * @param value the element, rounded to the type; for int32 a number that type can hold
 */
public record Fill(Spec spec, double value) implements Op {
    /** Checks the type. */
    public Fill {
        Objects.requireNonNull(spec, "fill: spec");
        if (spec.dtype() == DType.I64 || spec.dtype() == DType.I32 && (int) value != value) {
            throw new IllegalArgumentException("fill: " + value + " cannot be the elements of " + spec);
        }
    }

    /** The tensor, in the graph of {@code x} if x is symbolic. */
    public static Tensor with(Tensor x, Spec spec, double value) {
        Fill fill = new Fill(spec, value);
        return x.isSymbolic() ? x.graph().add(fill)[0] : Ops.apply(fill);
    }

    @Override
    public String name() {
        return "fill";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 0, 0);
        return List.of(spec);
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_FILL(), sn_fill_args.layout());
        sn_fill_args.dtype(args, spec.dtype().code());
        sn_fill_args.count(args, spec.shape().count());
        sn_fill_args.value(args, value);
        call.out(args, sn_fill_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[0];
    }
}

package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_dropout_args;
import java.util.List;

/**
 * Sets elements to 0 with probability p and divides the others by 1 - p (Srivastava et al. 2014, in the inverted form).
 * Inputs: x and step, an int64 scalar. Which elements fall is a function of the seed, the step and the place in memory
 * alone (Philox4x32-10), so that the gradient is the same operation and nothing has to be remembered.
 *
 * @param p the probability to drop, 0 to 1; 1 gives zeros
 * @param seed any number
 */
public record Dropout(double p, long seed) implements Op {
    /** Checks p. */
    public Dropout {
        Check.within("dropout", "p", p, 0, 1);
    }

    @Override
    public String name() {
        return "dropout";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.get(i).layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Ops.floating(this, inputs, 0);
        Check.cell(this, inputs, 1, DType.I64, "the step");
        return List.of(inputs.getFirst());
    }

    @Override
    public boolean inPlace(int i) {
        return i == 0;
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_DROPOUT(), sn_dropout_args.layout());
        sn_dropout_args.dtype(args, call.input(0).dtype().code());
        sn_dropout_args.count(args, call.input(0).shape().count());
        sn_dropout_args.p(args, p);
        sn_dropout_args.seed(args, seed);
        call.in(args, sn_dropout_args.step$offset(), 1);
        call.in(args, sn_dropout_args.x$offset(), 0);
        call.out(args, sn_dropout_args.y$offset(), 0);
    }

    /** dy must lie in memory as x did: the place there decides what falls. */
    @Override
    public Tensor[] gradient(Backward context) {
        Tensor dy = Convert.to(context.spec(0).layout(), context.dy());
        return new Tensor[] {Ops.apply(this, dy, context.input(1)), null};
    }
}

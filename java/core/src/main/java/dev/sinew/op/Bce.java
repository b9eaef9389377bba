package dev.sinew.op;

import dev.sinew.Broadcast;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_bce_args;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * Binary cross-entropy of logits x with targets t in [0, 1]: w (-(q t log s(x) + (1 - t) log(1 - s(x)))), s being the
 * logistic function, in the form that does not overflow. Inputs: x, target of the same shape, then, where declared,
 * weight w of that shape and posWeight q of the size of the last dimension; output: a scalar, or that shape without
 * reduction. The mean divides by the number of elements.
 *
 * @param reduction what is made of the elements' losses
 * @param weight whether w is given
 * @param posWeight whether q is given
 */
public record Bce(Reduction reduction, boolean weight, boolean posWeight) implements Op {
    /** Checks that the reduction is there. */
    public Bce {
        Objects.requireNonNull(reduction, "bce: reduction");
    }

    @Override
    public String name() {
        return "bce";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        check(this, inputs, 2);
        return List.of(reduction.of(inputs.getFirst()));
    }

    /** Checks x, target and, from {@code next} on, weight and posWeight. */
    void check(Op op, List<Spec> inputs, int next) {
        int count = next + (weight ? 1 : 0) + (posWeight ? 1 : 0);
        Ops.arity(op, inputs, count, count);
        for (int i = 0; i < count; i++) {
            Ops.floating(op, inputs, 0, i);
        }
        Shape x = inputs.getFirst().shape();
        Check.shape(op, inputs, 1, x, "the target");
        if (weight) {
            Check.shape(op, inputs, next, x, "the weight");
        }
        if (posWeight) {
            if (x.rank() == 0) {
                throw Ops.error(op, inputs, "a scalar has no last dimension for posWeight");
            }
            Check.shape(op, inputs, count - 1, Shape.of(x.dim(-1)), "posWeight");
        }
    }

    @Override
    public void encode(Call call) {
        var args = begin(call, Sinew.SN_OP_BCE_FORWARD(), 2);
        call.out(args, sn_bce_args.loss$offset(), 0);
    }

    /** Begins a call whose inputs are x, target and, from {@code next} on, weight and posWeight. */
    MemorySegment begin(Call call, int code, int next) {
        var args = call.begin(code, sn_bce_args.layout());
        Shape x = call.input(0).shape();
        long cols = x.rank() == 0 ? 1 : x.dim(-1);
        sn_bce_args.dtype(args, call.input(0).dtype().code());
        sn_bce_args.reduction(args, reduction.code());
        sn_bce_args.rows(args, x.count() / cols);
        sn_bce_args.cols(args, cols);
        call.in(args, sn_bce_args.x$offset(), 0);
        call.in(args, sn_bce_args.target$offset(), 1);
        if (weight) {
            call.in(args, sn_bce_args.weight$offset(), next);
        }
        if (posWeight) {
            call.in(args, sn_bce_args.pos_weight$offset(), call.inputs() - 1);
        }
        return args;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        Tensor[] gradients = new Tensor[context.inputs()];
        for (int i = 2; i < context.inputs(); i++) {
            if (context.needs(i)) {
                throw context.noRule("with respect to its weights");
            }
        }
        if (context.needs(0)) {
            gradients[0] = Ops.apply(new BceGradient(this), Ops.present(context.input(0), context.input(1), context.dy(),
                    weight ? context.input(2) : null, posWeight ? context.input(context.inputs() - 1) : null));
        }
        if (context.needs(1)) {
            gradients[1] = targetGradient(context);
        }
        return gradients;
    }

    /** d/dt = w ((q - 1) softplus(-x) - x), from log s(x) = -softplus(-x) and log(1 - s(x)) = -softplus(-x) - x. */
    private Tensor targetGradient(Backward context) {
        Tensor x = context.input(0);
        Tensor slope = x.mul(-1);
        if (posWeight) {
            Tensor softplus = slope.relu().add(x.abs().mul(-1).exp().add(1).log());
            slope = slope.add(softplus.mul(context.input(context.inputs() - 1).sub(1), Broadcast.YES));
        }
        if (weight) {
            slope = slope.mul(context.input(2));
        }
        slope = slope.mul(context.dy(), Broadcast.YES);
        return reduction == Reduction.MEAN ? slope.mul(1.0 / x.shape().count()) : slope;
    }
}

package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_optimizer_args;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One step of stochastic gradient descent: g = grad + weightDecay param; with momentum v = momentum v + (1 - dampening) g
 * (v = g in step 1) and g = v, or g + momentum v after Nesterov (Sutskever et al. 2013); param -= lr g.
 *
 * <p>Inputs: param, grad, lr (float64 scalar), step (int64 scalar, counted from 1) and, when the momentum is not 0,
 * velocity, and then perhaps a float64 scalar that takes the place of the momentum. param and velocity are overwritten;
 * there is no output.
 *
 * @param momentum at least 0
 * @param dampening finite
 * @param weightDecay at least 0
 * @param nesterov needs momentum above 0 and no dampening
 */
public record SgdStep(double momentum, double dampening, double weightDecay, boolean nesterov) implements Op {
    /** Checks the ranges. */
    public SgdStep {
        Check.notNegative("sgd", "momentum", momentum);
        Check.finite("sgd", "dampening", dampening);
        Check.notNegative("sgd", "weightDecay", weightDecay);
        if (nesterov && (momentum == 0 || dampening != 0)) {
            throw new IllegalArgumentException("sgd: nesterov needs a momentum above 0 and dampening 0, not momentum " + momentum
                    + " and dampening " + dampening);
        }
    }

    @Override
    public String name() {
        return "sgd";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return stepLayout(i, inputs);
    }

    /** The gradient comes in the layout of the parameter; what is overwritten must not be converted. */
    static Layout stepLayout(int i, List<Spec> inputs) {
        return inputs.get(i == 1 ? 0 : i).layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        int count = momentum == 0 ? 4 : 5;
        Ops.arity(this, inputs, count, momentum == 0 ? count : count + 1);
        checkStep(this, inputs.subList(0, count));
        checkMomentum(this, inputs, count);
        return List.of();
    }

    /** Checks param, grad, lr, step and the states behind them. */
    static void checkStep(Op op, List<Spec> inputs) {
        Ops.floating(op, inputs, 0, 1);
        Spec param = inputs.getFirst();
        Check.shape(op, inputs, 1, param.shape(), "the gradient");
        Check.cell(op, inputs, 2, DType.F64, "the learning rate");
        Check.cell(op, inputs, 3, DType.I64, "the step");
        for (int i = 4; i < inputs.size(); i++) {
            Ops.floating(op, inputs, 0, i);
            Check.shape(op, inputs, i, param.shape(), "the optimiser's state");
            if (inputs.get(i).layout() != param.layout() && !param.layoutIsImmaterial()) {
                throw Ops.error(op, inputs, "the optimiser's state is " + inputs.get(i).layout() + ", the parameter " + param.layout());
            }
        }
    }

    /** Checks the scalar behind the states, where there is one. */
    static void checkMomentum(Op op, List<Spec> inputs, int count) {
        if (inputs.size() > count) {
            Check.cell(op, inputs, count, DType.F64, "the momentum");
        }
    }

    @Override
    public int[] mutates() {
        return momentum == 0 ? new int[] {0} : new int[] {0, 4};
    }

    @Override
    public void encode(Call call) {
        var args = begin(call, Sinew.SN_OP_SGD());
        sn_optimizer_args.momentum(args, momentum);
        sn_optimizer_args.dampening(args, dampening);
        sn_optimizer_args.weight_decay(args, weightDecay);
        sn_optimizer_args.nesterov(args, nesterov ? 1 : 0);
        if (momentum != 0) {
            call.in(args, sn_optimizer_args.m$offset(), 4);
        }
        if (call.inputs() > 5) {
            call.in(args, sn_optimizer_args.momentum_now$offset(), 5);
        }
    }

    /** Begins a call whose inputs are param, grad, lr and step. */
    static MemorySegment begin(Call call, int code) {
        return begin(call, code, sn_optimizer_args.layout());
    }

    /** Likewise, with a structure that begins with the optimiser's. */
    static MemorySegment begin(Call call, int code, MemoryLayout layout) {
        var args = call.begin(code, layout);
        sn_optimizer_args.dtype(args, call.input(0).dtype().code());
        sn_optimizer_args.count(args, call.input(0).shape().count());
        call.in(args, sn_optimizer_args.param$offset(), 0);
        call.in(args, sn_optimizer_args.grad$offset(), 1);
        call.in(args, sn_optimizer_args.lr$offset(), 2);
        call.in(args, sn_optimizer_args.step$offset(), 3);
        return args;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        throw context.noRule("(an optimiser's step)");
    }
}

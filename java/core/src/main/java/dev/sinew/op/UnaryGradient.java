package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_unary_args;
import java.util.List;
import java.util.Objects;

/**
 * The gradient of {@link Unary}: inputs dy and x or y, whichever the function's derivative is computed from.
 *
 * @param of the function
 */
public record UnaryGradient(Unary of) implements Op {
    /** Checks that the function is there. */
    public UnaryGradient {
        Objects.requireNonNull(of, "unary_gradient: of");
    }

    @Override
    public String name() {
        return of.name() + "_gradient";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.getLast().layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Ops.floating(this, inputs, 0, 1);
        if (!inputs.get(0).shape().equals(inputs.get(1).shape())) {
            throw Ops.error(this, inputs, "the shapes must be equal");
        }
        return List.of(inputs.get(1));
    }

    @Override
    public boolean inPlace(int i) {
        return i == 0;
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_UNARY_BACKWARD(), sn_unary_args.layout());
        sn_unary_args.dtype(args, call.input(0).dtype().code());
        sn_unary_args.kind(args, of.kind().code);
        sn_unary_args.alpha(args, of.alpha());
        sn_unary_args.beta(args, of.beta());
        sn_unary_args.count(args, call.input(0).shape().count());
        call.in(args, sn_unary_args.dy$offset(), 0);
        call.in(args, of.from() == Unary.From.X ? sn_unary_args.x$offset() : sn_unary_args.y$offset(), 1);
        call.out(args, sn_unary_args.dx$offset(), 0);
    }

    /** d/d(dy) is the same operation; d/d(reference) is the second derivative times dy. */
    @Override
    public Tensor[] gradient(Backward context) {
        Tensor ddx = context.dy();
        Tensor[] gradients = new Tensor[2];
        if (context.needs(0)) {
            gradients[0] = Ops.apply(this, ddx, context.input(1));
        }
        if (context.needs(1)) {
            gradients[1] = derivativeByReference(context, ddx.mul(context.input(0)));
        }
        return gradients;
    }

    /** g times the derivative of f' with respect to the tensor it is computed from; null where that is 0. */
    private Tensor derivativeByReference(Backward context, Tensor g) {
        Tensor r = context.input(1);
        return switch (of.kind()) {
            case RELU, LEAKY_RELU, ABS, AFFINE, SIGN -> null;
            case SIGMOID -> g.mul(r.mul(-2).add(1));                        // f' = y (1 - y)
            case TANH, RECIPROCAL -> g.mul(r.mul(-2));                      // f' = 1 - y^2, f' = -y^2
            case EXP -> g;                                                  // f' = y
            case SQUARE -> g.mul(2);                                        // f' = 2 x
            case LOG -> g.mul(r.square().reciprocal().mul(-1));             // f' = 1 / x
            case SQRT -> g.mul(r.square().reciprocal().mul(-0.5));          // f' = 1 / (2 y)
            case ELU, GELU, GELU_TANH -> throw context.noRule("with respect to its argument");
        };
    }
}

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

    /** 1 where x is at most the bound, else 0. */
    private static Tensor notAbove(Tensor x, double bound) {
        return Ops.apply(new Unary(Unary.Kind.STEP, 1, 0), Ops.apply(new Unary(Unary.Kind.AFFINE, -1, bound), x));
    }

    /** s (1 - s), s being the logistic function of x. */
    private static Tensor logisticSlope(Tensor s) {
        return s.mul(s.mul(-1).add(1));
    }

    /** alpha s (1 - s) of alpha x, as far as alpha x is at most beta. */
    private Tensor softplus(Tensor g, Tensor x) {
        Tensor z = x.mul(of.alpha());
        return g.mul(logisticSlope(z.sigmoid())).mul(notAbove(z, of.beta())).mul(of.alpha());
    }

    /** s (1 - s) (2 + x (1 - 2 s)). */
    private static Tensor silu(Tensor g, Tensor x) {
        Tensor s = x.sigmoid();
        return g.mul(logisticSlope(s)).mul(x.mul(s.mul(-2).add(1)).add(2));
    }

    /** With w = tanh(softplus(x)): w' = (1 - w^2) s, f'' = 2 w' + x (1 - w^2) (s (1 - s) - 2 w s^2). */
    private static Tensor mish(Tensor g, Tensor x) {
        Tensor s = x.sigmoid();
        Tensor w = Ops.apply(new Unary(Unary.Kind.SOFTPLUS, 1, 20), x).tanh();
        Tensor inner = s.mul(2).add(x.mul(logisticSlope(s).sub(w.mul(s.square()).mul(2))));
        return g.mul(w.square().mul(-1).add(1)).mul(inner);
    }

    /** (2 - x^2) phi(x). */
    private static Tensor gelu(Tensor g, Tensor x) {
        Tensor density = x.square().mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI));
        return g.mul(density).mul(x.square().mul(-1).add(2));
    }

    /** With s the logistic function of u = k (x + c x^3), k = 2 sqrt(2/pi): s (1 - s) (2 u' + x ((1 - 2 s) u'^2 + u'')). */
    private static Tensor geluTanh(Tensor g, Tensor x) {
        double k = 2 * Math.sqrt(2 / Math.PI);
        double c = 0.044715;
        Tensor s = x.mul(x.square().mul(c * k).add(k)).sigmoid();
        Tensor slope = x.square().mul(3 * c * k).add(k);
        Tensor bend = s.mul(-2).add(1).mul(slope.square()).add(x.mul(6 * c * k));
        return g.mul(logisticSlope(s)).mul(slope.mul(2).add(x.mul(bend)));
    }

    /** g times the derivative of f' with respect to the tensor it is computed from; null where that is 0. */
    private Tensor derivativeByReference(Backward context, Tensor g) {
        Tensor r = context.input(1);
        return switch (of.kind()) {
            case RELU, LEAKY_RELU, ABS, AFFINE, SIGN, CLAMP, THRESHOLD, HARD_SHRINK, SOFT_SHRINK, STEP -> null;
            case SIGMOID -> g.mul(r.mul(-2).add(1));                        // f' = y (1 - y)
            case TANH, RECIPROCAL -> g.mul(r.mul(-2));                      // f' = 1 - y^2, f' = -y^2
            case EXP -> g;                                                  // f' = y
            case SQUARE -> g.mul(2);                                        // f' = 2 x
            case LOG -> g.mul(r.square().reciprocal().mul(-1));             // f' = 1 / x
            case SQRT -> g.mul(r.square().reciprocal().mul(-0.5));          // f' = 1 / (2 y)
            case ELU -> of.from() == Unary.From.Y ? g.mul(notAbove(r, 0)) : g.mul(r.exp().mul(notAbove(r, 0))).mul(of.alpha());
            case SOFTSIGN -> g.mul(r.abs().sub(1).mul(r.sign()).mul(2));    // f' = (1 - |y|)^2
            case HARD_SWISH -> g.mul(notAbove(r.abs(), 3)).mul(1 / 3.0);    // f' = x / 3 + 1/2 between -3 and 3
            case SOFTPLUS -> softplus(g, r);
            case SILU -> silu(g, r);
            case MISH -> mish(g, r);
            case GELU -> gelu(g, r);
            case GELU_TANH -> geluTanh(g, r);
        };
    }
}

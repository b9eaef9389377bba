package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_adaptive_args;
import java.util.List;
import java.util.Objects;

/**
 * One step of an optimiser whose rate is another for each parameter, in one sweep.
 *
 * <p>Inputs: param, grad, lr (float64 scalar), step (int64 scalar, counted from 1) and the states of the {@link Rule}.
 * param and the states are overwritten; there is no output. g is the gradient + weightDecay param; a decoupled decay is
 * taken from param first instead: param -= lr weightDecay param.
 *
 * @param rule which formula
 * @param weightDecay at least 0
 * @param first the rule's first number, 0 where it has none
 * @param second its second
 * @param eps its third
 * @param extra its fourth
 * @param option whether RMSPROP is centered; whether the decay of AMSGRAD, NADAM and RADAM is decoupled
 */
public record AdaptiveStep(Rule rule, double weightDecay, double first, double second, double eps, double extra, boolean option)
        implements Op {
    /** The formulas, as PyTorch has them. */
    public enum Rule {
        /**
         * Duchi, Hazan, Singer 2011, figure 1: s += g^2; param -= lr / (1 + (step - 1) decay) g / (sqrt(s) + eps). Extra is the
         * decay. States: s.
         */
        ADAGRAD,
        /**
         * Zeiler 2012, algorithm 1: s = rho s + (1 - rho) g^2; d = sqrt(u + eps) / sqrt(s + eps) g; u = rho u + (1 - rho) d^2;
         * param -= lr d. First is rho, in [0, 1]. States: s, u.
         */
        ADADELTA,
        /**
         * Hinton 2012, lecture 6e: s = alpha s + (1 - alpha) g^2; centered (Graves 2013, equation 40): m = alpha m + (1 - alpha) g
         * and s - m^2 (never below 0) stands for s; d = g / (sqrt(s) + eps), with momentum mu: d = v = mu v + d; param -= lr d.
         * First is alpha, in [0, 1], second is mu. States: s, m if centered, v if mu is not 0.
         */
        RMSPROP,
        /**
         * Reddi, Kale, Kumar 2018, algorithm 2: {@link AdamStep Adam} with the largest v so far in the root. First and second
         * are the betas, in [0, 1). States: m, v, the largest v.
         */
        AMSGRAD,
        /**
         * Kingma, Ba 2015, algorithm 2: m = beta1 m + (1 - beta1) g; u = max(beta2 u, |g| + eps);
         * param -= lr / (1 - beta1^step) m / u. First and second are the betas, in [0, 1). States: m, u.
         */
        ADAMAX,
        /**
         * Dozat 2016: mu(t) = beta1 (1 - 0.96^(t psi) / 2), P(t) = mu(1) ... mu(t);
         * param -= lr ((1 - mu(t)) / (1 - P(t)) g + mu(t + 1) / (1 - P(t + 1)) m) / (sqrt(v / (1 - beta2^t)) + eps). First and
         * second are the betas, in [0, 1), extra is psi. States: m, v.
         */
        NADAM,
        /**
         * Liu et al. 2020, algorithm 2: Adam, its root multiplied by a factor that makes its variance constant; without the
         * root in the first steps, in which that is unknown. First and second are the betas, in [0, 1). States: m, v.
         */
        RADAM,
        /**
         * Riedmiller, Braun 1993: the step size of a parameter, lr at first, is multiplied by second where the gradient has the
         * sign it had before, by first where it has the other (no step then), and kept within [eps, extra];
         * param -= size sign(g). For whole batches. States: the gradient before, the step size.
         */
        RPROP
    }

    /** Checks the ranges. */
    public AdaptiveStep {
        String name = Objects.requireNonNull(rule, "rule").name().toLowerCase(java.util.Locale.ROOT);
        Check.notNegative(name, "weightDecay", weightDecay);
        Check.notNegative(name, "eps", eps);
        Check.notNegative(name, "extra", extra);
        switch (rule) {
            case ADAGRAD -> { }
            case ADADELTA, RMSPROP -> {
                if (!(first >= 0 && first <= 1)) {
                    throw new IllegalArgumentException(name + ": the decay of the squares must be from 0 to 1, not " + first);
                }
                Check.notNegative(name, "momentum", second);
            }
            case RPROP -> {
                if (!(first > 0 && first < 1 && second > 1 && second < Double.POSITIVE_INFINITY && eps <= extra)) {
                    throw new IllegalArgumentException("rprop: needs a factor between 0 and 1, one above 1, and a least step size of at most "
                            + "the largest, not " + first + ", " + second + ", " + eps + " and " + extra);
                }
            }
            default -> {
                AdamStep.checkBeta(name, "beta1", first);
                AdamStep.checkBeta(name, "beta2", second);
            }
        }
    }

    /** How many states this rule has with these numbers. */
    public int states() {
        return switch (rule) {
            case ADAGRAD -> 1;
            case RMSPROP -> 1 + (option ? 1 : 0) + (second != 0 ? 1 : 0);
            case AMSGRAD -> 3;
            default -> 2;
        };
    }

    @Override
    public String name() {
        return rule.name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return SgdStep.stepLayout(i, inputs);
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 4 + states(), 4 + states());
        SgdStep.checkStep(this, inputs);
        return List.of();
    }

    @Override
    public int[] mutates() {
        int[] which = new int[1 + states()];
        for (int i = 1; i < which.length; i++) {
            which[i] = 3 + i;
        }
        return which;
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_ADAPTIVE(), sn_adaptive_args.layout());
        sn_adaptive_args.dtype(args, call.input(0).dtype().code());
        sn_adaptive_args.rule(args, rule.ordinal());
        sn_adaptive_args.decoupled(args, option && rule != Rule.RMSPROP ? 1 : 0);
        sn_adaptive_args.count(args, call.input(0).shape().count());
        sn_adaptive_args.weight_decay(args, weightDecay);
        sn_adaptive_args.beta1(args, first);
        sn_adaptive_args.beta2(args, second);
        sn_adaptive_args.eps(args, eps);
        sn_adaptive_args.extra(args, extra);
        call.in(args, sn_adaptive_args.param$offset(), 0);
        call.in(args, sn_adaptive_args.grad$offset(), 1);
        call.in(args, sn_adaptive_args.lr$offset(), 2);
        call.in(args, sn_adaptive_args.step$offset(), 3);
        long[] places = {sn_adaptive_args.state0$offset(), sn_adaptive_args.state1$offset(), sn_adaptive_args.state2$offset()};
        for (int i = 0; i < states(); i++) {
            // RMSprop without a mean keeps its velocity in the third place
            boolean velocity = rule == Rule.RMSPROP && !option && i == 1;
            call.in(args, places[velocity ? 2 : i], 4 + i);
        }
    }

    @Override
    public Tensor[] gradient(Backward context) {
        throw context.noRule("(an optimiser's step)");
    }
}

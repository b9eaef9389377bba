package dev.sinew.train;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.data.Batch;
import dev.sinew.data.Batches;
import dev.sinew.data.Dataset;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.internal.Owner;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import dev.sinew.op.Blend;
import dev.sinew.op.Ops;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Limited-memory BFGS on all data at once (Nocedal 1980; Nocedal, Wright 2006, algorithm 7.5), for small nets and regressions:
 * there it finds in hundreds of steps what gradient descent needs hundreds of thousands for. Steps fulfil the strong Wolfe
 * conditions (algorithms 3.5 and 3.6 there). Best in float64, where a loss can be told from one a billionth smaller.
 *
 * {@snippet :
 * try (Network net = Network.input(2).dense(4).tanh().dense(1).build(Seed.of(1), DType.F64)) {
 *     double loss = Lbfgs.of(net, Loss.meanSquaredError()).iterations(500).fit(x, y).loss();
 * }
 * }
 *
 * <p>Dropout drops the same in every evaluation. The result depends on the net's weights and the data alone.
 */
public final class Lbfgs {
    private static final double DECREASE = 1e-4;
    private static final double CURVATURE = 0.9;
    private static final int TRIES = 25;

    private final Network network;
    private final Objective objective;
    private int iterations = 100;
    private int history = 10;
    private double gradientTolerance = 1e-7;

    private Lbfgs(Network network, Objective objective) {
        this.network = Objects.requireNonNull(network, "network");
        this.objective = Objects.requireNonNull(objective, "objective");
    }

    /** For a net with one output: at most 100 iterations, the last 10 of them remembered. */
    public static Lbfgs of(Network network, Loss loss) {
        return new Lbfgs(network, Objective.of(loss));
    }

    /** For any net. */
    public static Lbfgs of(Network network, Objective objective) {
        return new Lbfgs(network, objective);
    }

    /** The largest number of iterations, at least 1. */
    public Lbfgs iterations(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("lbfgs: the number of iterations must be at least 1, not " + most);
        }
        iterations = most;
        return this;
    }

    /** How many steps the curvature is known from, at least 1. */
    public Lbfgs history(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("lbfgs: the history must be at least 1 step, not " + steps);
        }
        history = steps;
        return this;
    }

    /** Ends when no element of the gradient is larger, 0 or more; 1e-7 unless set. */
    public Lbfgs gradientTolerance(double largest) {
        if (!(largest >= 0)) {
            throw new IllegalArgumentException("lbfgs: the tolerance must not be negative, not " + largest);
        }
        gradientTolerance = largest;
        return this;
    }

    /**
     * How it ended.
     *
     * @param loss of the weights that came out
     * @param iterations the steps made
     * @param evaluations of loss and gradient
     * @param converged whether the gradient is as small as asked for; else the iterations were too few, or no step along the
     *     gradient made the loss smaller in the net's precision
     */
    public record Result(double loss, int iterations, int evaluations, boolean converged) {}

    /** Fits the net to a data set, read as one batch. */
    public Result fit(Dataset data) {
        try (Scope _ = Scope.open(); Batches batches = Batches.of(data, Math.toIntExact(data.size())).open()) {
            Batch all = batches.next();
            boolean exact = network.dtype() == DType.F64;
            return fit(exact ? all.input().cast(DType.F64) : all.input(),
                    exact && all.target().dtype().isFloat() ? all.target().cast(DType.F64) : all.target());
        }
    }

    /**
     * Fits the net.
     *
     * @param x all samples [N, sample shape], of the net's type
     * @param target what the loss asks for
     */
    public Result fit(Tensor x, Tensor target) {
        try (Run run = new Run(x, target)) {
            return run.minimize();
        }
    }

    /** A step and the change of the gradient along it. */
    private record Pair(Tensor step, Tensor change, double inverse) {}

    /** A point of the line that is searched: where, the loss and its slope there. */
    private record Point(double at, double loss, double slope) {}

    private final class Run implements AutoCloseable {
        private final Owner owner = Owner.closeable("an L-BFGS run");
        private final Tensor[] inputs;
        private final Tensor weights = network.flat();
        private final Tensor gradient;
        private final Tensor direction;
        private final Tensor start;
        private final Tensor startGradient;
        private final Tensor keep;
        private final Tensor share;
        private final List<Pair> pairs = new ArrayList<>();
        private final Plan plan;
        private final Plan product;
        private final Tensor[] factors = new Tensor[2];
        private int evaluations;

        Run(Tensor x, Tensor target) {
            inputs = new Tensor[] {x, target};
            List<String> trained = network.trained(objective.outputs(network.architecture()));
            if (trained.isEmpty()) {
                throw new IllegalArgumentException("lbfgs: the network has no parameters to be trained");
            }
            gradient = Tensor.in(owner, weights.spec()).fill(0);
            direction = Tensor.in(owner, weights.spec());
            start = Tensor.in(owner, weights.spec());
            startGradient = Tensor.in(owner, weights.spec());
            keep = Tensor.in(owner, Spec.of(DType.F64, Shape.scalar()));
            share = Tensor.in(owner, Spec.of(DType.F64, Shape.scalar()));
            Tensor step = Tensor.in(owner, Spec.of(DType.I64, Shape.scalar())).fill(1);
            Graph graph = new Graph();
            LossGraph loss = LossGraph.of(graph, network, objective, x.shape().dim(0), target.dtype(), step);
            Tensor[] parameters = trained.stream().map(network::parameter).toArray(Tensor[]::new);
            Gradients gradients = Gradients.of(loss.value(), parameters);
            Map<String, Tensor> places = network.views(gradient);
            Map<Tensor, Tensor> placements = new IdentityHashMap<>();
            for (int i = 0; i < parameters.length; i++) {
                Tensor g = gradients.get(parameters[i]);
                placements.put(placements.containsKey(g) ? g.mul(1) : g, places.get(trained.get(i)));
            }
            plan = Plan.compile(graph, List.of(loss.value()), placements);
            Graph pair = new Graph();
            product = Plan.compile(pair, pair.input("a", weights.spec()).mul(pair.input("b", weights.spec())).sum());
        }

        Result minimize() {
            double loss = evaluate();
            if (!Double.isFinite(loss)) {
                throw new IllegalArgumentException("lbfgs: the loss is " + loss + " to begin with");
            }
            int done = 0;
            while (done < iterations && !small()) {
                boolean steepest = pairs.isEmpty();
                findDirection();
                start.copyFrom(weights);
                startGradient.copyFrom(gradient);
                double first = steepest ? Math.min(1, 1 / magnitudeSum(gradient)) : 1;
                double before = loss;
                loss = search(loss, first);
                if (Double.isNaN(loss)) {
                    weights.copyFrom(start);
                    loss = evaluate();
                    if (steepest) {
                        break;
                    }
                    pairs.clear(); // the curvature misleads: once more along the gradient
                    continue;
                }
                done++;
                remember();
                if (loss == before) {
                    break;
                }
            }
            return new Result(loss, done, evaluations, small());
        }

        private double evaluate() {
            evaluations++;
            plan.run(inputs);
            return plan.output(0).item();
        }

        private boolean small() {
            try (Scope _ = Scope.open()) {
                return gradient.abs().max().item() <= gradientTolerance;
            }
        }

        /** By a plan, which allocates nothing: it is most of what an iteration on a small net does. */
        private double dot(Tensor a, Tensor b) {
            factors[0] = a;
            factors[1] = b;
            product.run(factors);
            return product.output(0).item();
        }

        private static double magnitudeSum(Tensor a) {
            try (Scope _ = Scope.open()) {
                return a.abs().sum().item();
            }
        }

        /** y = a y + b x */
        private void blend(Tensor y, double a, Tensor x, double b) {
            keep.set(a);
            share.set(b);
            Ops.applyAll(new Blend(), y, x, keep, share);
        }

        /** Algorithm 7.4: minus the gradient times what is known of the inverse of the Hessian. */
        private void findDirection() {
            blend(direction, 0, gradient, -1);
            double[] alphas = new double[pairs.size()];
            for (int i = pairs.size() - 1; i >= 0; i--) {
                alphas[i] = pairs.get(i).inverse * dot(pairs.get(i).step, direction);
                blend(direction, 1, pairs.get(i).change, -alphas[i]);
            }
            if (!pairs.isEmpty()) {
                Pair last = pairs.getLast();
                blend(direction, 0, direction, 1 / last.inverse / dot(last.change, last.change));
            }
            for (int i = 0; i < pairs.size(); i++) {
                double beta = pairs.get(i).inverse * dot(pairs.get(i).change, direction);
                blend(direction, 1, pairs.get(i).step, alphas[i] - beta);
            }
        }

        private void remember() {
            boolean full = pairs.size() == history;
            Tensor step = full ? pairs.getFirst().step : Tensor.in(owner, weights.spec());
            Tensor change = full ? pairs.getFirst().change : Tensor.in(owner, weights.spec());
            if (full) {
                pairs.removeFirst();
            }
            step.copyFrom(weights);
            blend(step, 1, start, -1);
            change.copyFrom(gradient);
            blend(change, 1, startGradient, -1);
            double curvature = dot(step, change);
            if (curvature > 0) {
                pairs.add(new Pair(step, change, 1 / curvature));
            }
        }

        // ---- the search along a line ----

        private Point at(double alpha) {
            weights.copyFrom(start);
            blend(weights, 1, direction, alpha);
            double loss = evaluate();
            return new Point(alpha, loss, dot(gradient, direction));
        }

        /** Algorithm 3.5. The loss at the step it takes, which the weights are left at; NaN if there is none. */
        private double search(double loss, double first) {
            Point zero = new Point(0, loss, dot(startGradient, direction));
            if (!(zero.slope < 0)) {
                return Double.NaN;
            }
            Point before = zero;
            double alpha = first;
            for (int i = 0; i < TRIES; i++) {
                Point now = at(alpha);
                if (!(now.loss <= loss + DECREASE * alpha * zero.slope) || i > 0 && now.loss >= before.loss) {
                    return zoom(zero, before, now, TRIES - i);
                }
                if (Math.abs(now.slope) <= -CURVATURE * zero.slope) {
                    return now.loss;
                }
                if (now.slope >= 0) {
                    return zoom(zero, now, before, TRIES - i);
                }
                before = now;
                alpha *= 2;
            }
            return before.loss;
        }

        /** Algorithm 3.6, between the better end and another; ends at the better one when the tries are over. */
        private double zoom(Point zero, Point better, Point other, int tries) {
            Point low = better;
            Point high = other;
            for (int i = 0; i < tries && Math.abs(high.at - low.at) > 1e-14 * Math.max(1, low.at); i++) {
                Point now = at(between(low, high));
                if (!(now.loss <= zero.loss + DECREASE * now.at * zero.slope) || now.loss >= low.loss) {
                    high = now;
                    continue;
                }
                if (Math.abs(now.slope) <= -CURVATURE * zero.slope) {
                    return now.loss;
                }
                if (now.slope * (high.at - low.at) >= 0) {
                    high = low;
                }
                low = now;
            }
            return low.at == 0 || low.loss > zero.loss ? Double.NaN : at(low.at).loss;
        }

        /** The minimum of the cubic through both (equation 3.59), not too near to the ends; the middle where there is none. */
        private static double between(Point a, Point b) {
            double width = b.at - a.at;
            double d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.at - b.at);
            double d2 = Math.signum(width) * Math.sqrt(d1 * d1 - a.slope * b.slope);
            double at = b.at - width * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
            double margin = 0.1 * Math.abs(width);
            double least = Math.min(a.at, b.at) + margin;
            double most = Math.max(a.at, b.at) - margin;
            return Double.isFinite(at) ? Math.clamp(at, least, most) : (a.at + b.at) / 2;
        }

        @Override
        public void close() {
            plan.close();
            product.close();
            owner.close();
        }
    }
}

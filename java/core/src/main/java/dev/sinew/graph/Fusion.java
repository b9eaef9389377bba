package dev.sinew.graph;

import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.BatchNorm;
import dev.sinew.op.BatchNormGradient;
import dev.sinew.op.BatchNormInfer;
import dev.sinew.op.Binary;
import dev.sinew.op.Conv2d;
import dev.sinew.op.Conv2dPack;
import dev.sinew.op.Convert;
import dev.sinew.op.Fusable;
import dev.sinew.op.Gemm;
import dev.sinew.op.GemmPack;
import dev.sinew.op.MaxPool2d;
import dev.sinew.op.MaxPool2dGradient;
import dev.sinew.op.Op;
import dev.sinew.op.Reshape;
import dev.sinew.op.Unary;
import dev.sinew.op.UnaryGradient;
import dev.sinew.op.Window2d;
import dev.sinew.op.WindowPooling;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Joins steps of a plan's body that are cheaper as one, where nobody else takes the result between them.
 *
 * <p>An activation joins the operation whose result it takes: y = act(conv(x)) is computed while conv's result is in
 * registers. Gradients are not disturbed, because the fusable activations have gradients that are computed from y. Where
 * a batch normalisation took a ReLU in, its gradient takes in that of the ReLU; before a pooling, the gradient of an
 * activation is that of the maxima alone. A pooling joins the convolution before it, or
 * notes no places of maxima that nobody takes. What can be done to constant weights instead of to the values in every run is
 * done to the weights; see {@link Folding}.
 */
final class Fusion {
    private final List<Plan.Step> steps;
    private final Map<Tensor, Integer> producers = new IdentityHashMap<>();
    private final Map<Tensor, Integer> uses = new IdentityHashMap<>();
    private final Set<Tensor> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Constants constants;

    private Fusion(Constants constants, Tensor[] outputs, Set<Tensor> placed) {
        this.constants = constants;
        this.steps = new ArrayList<>(constants.body());
        Collections.addAll(kept, outputs);
        kept.addAll(placed);
        for (int i = 0; i < steps.size(); i++) {
            for (Tensor output : steps.get(i).outputs()) {
                producers.put(output, i);
            }
            for (Tensor input : steps.get(i).inputs()) {
                uses.merge(input, 1, Integer::sum);
            }
        }
    }

    /** The body of the plan after fusion; the prologue may grow. */
    static List<Plan.Step> apply(Constants constants, Tensor[] outputs, Set<Tensor> placed) {
        Fusion fusion = new Fusion(constants, outputs, placed);
        fusion.everywhere(fusion::foldNorm);
        fusion.everywhere(fusion::foldFlatten);
        fusion.everywhere(fusion::fuseResidual);
        fusion.everywhere(fusion::fuseActivation);
        fusion.everywhere(fusion::fusePooling);
        fusion.everywhere(fusion::dropPlaces);
        fusion.everywhere(fusion::fuseReluGradient);
        fusion.everywhere(fusion::moveBeforePooling);
        fusion.everywhere(fusion::pack);
        fusion.steps.removeIf(step -> step == null);
        return fusion.steps;
    }

    private void everywhere(IntConsumer change) {
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) != null) {
                change.accept(i);
            }
        }
    }

    private boolean onlyUse(Tensor tensor) {
        return uses.getOrDefault(tensor, 0) == 1 && !kept.contains(tensor);
    }

    /** The place of the step whose first result this is, when that step is in the body and nobody else takes the result; else -1. */
    private int onlyFor(Tensor tensor) {
        Integer producer = producers.get(tensor);
        return producer != null && steps.get(producer) != null && onlyUse(tensor) && steps.get(producer).outputs()[0] == tensor ? producer : -1;
    }

    /** The step at {@code first} does what the one at {@code i} did, too. */
    private void join(int first, int i, Plan.Step joined) {
        steps.set(first, joined);
        producers.put(joined.outputs()[0], first);
        steps.set(i, null);
    }

    private void foldNorm(int i) {
        int before = steps.get(i).op() instanceof BatchNormInfer ? onlyFor(steps.get(i).inputs()[0]) : -1;
        Plan.Step folded = before < 0 ? null : new Folding(constants).normIntoWeights(steps.get(before), steps.get(i));
        if (folded != null) {
            join(before, i, folded);
        }
    }

    /** matmul(flatten(image), weight): a constant weight is permuted, so that a channels-last image need not be. */
    private void foldFlatten(int i) {
        Plan.Step step = steps.get(i);
        if (!(step.op() instanceof Gemm gemm) || gemm.transA() || !constants.contains(step.inputs()[1])) {
            return;
        }
        int flatten = onlyFor(step.inputs()[0]);
        if (flatten < 0 || !(steps.get(flatten).op() instanceof Reshape)) {
            return;
        }
        int convert = onlyFor(steps.get(flatten).inputs()[0]);
        if (convert < 0 || !(steps.get(convert).op() instanceof Convert) || steps.get(convert).isView()) {
            return;
        }
        Tensor image = steps.get(convert).inputs()[0];
        Tensor rows = step.inputs()[0];
        if (image.spec().layout() != Layout.CHANNELS_LAST || rows.shape().dim(0) != image.shape().dim(0)) {
            return;
        }
        Tensor[] inputs = step.inputs().clone();
        inputs[1] = new Folding(constants).forChannelsLast(inputs[1], gemm.transB(), image.shape());
        steps.set(i, new Plan.Step(gemm, inputs, step.outputs()));
        steps.set(flatten, new Plan.Step(new Reshape(rows.shape()), new Tensor[] {image}, steps.get(flatten).outputs()));
        steps.set(convert, null);
    }

    /** conv(x) + other, or batchnorm(x) + other, as one operation, when the other summand is there before that one runs. */
    private void fuseResidual(int i) {
        Plan.Step step = steps.get(i);
        if (!(step.op() instanceof Binary sum) || sum.kind() != Binary.Kind.ADD) {
            return;
        }
        for (int k = 0; k < 2; k++) {
            Tensor term = step.inputs()[k];
            Tensor other = step.inputs()[1 - k];
            int producer = onlyFor(term);
            if (producer >= 0 && other.spec().equals(term.spec()) && producers.getOrDefault(other, -1) < producer
                    && nothingIsOverwritten(producer + 1, i)) {
                Plan.Step joined = withResidual(steps.get(producer), other, step.outputs()[0]);
                if (joined != null) {
                    join(producer, i, joined);
                    return;
                }
            }
        }
    }

    private static Plan.Step withResidual(Plan.Step step, Tensor residual, Tensor sum) {
        Tensor[] in = step.inputs();
        Tensor[] outputs = step.outputs().clone();
        outputs[0] = sum;
        return switch (step.op()) {
            case Conv2d conv when !conv.residual() && conv.activation().kind() == Activation.Kind.IDENTITY ->
                    new Plan.Step(conv.withResidual(), inserted(in, 2, residual), outputs);
            case BatchNorm norm when in.length == 5 && norm.activation().kind() == Activation.Kind.IDENTITY ->
                    new Plan.Step(norm, inserted(in, 5, residual), outputs);
            default -> null;
        };
    }

    private boolean nothingIsOverwritten(int from, int to) {
        return steps.subList(from, to).stream().allMatch(step -> step == null || step.op().mutates().length == 0);
    }

    private static Tensor[] inserted(Tensor[] tensors, int at, Tensor tensor) {
        List<Tensor> list = new ArrayList<>(List.of(tensors));
        list.add(at, tensor);
        return list.toArray(new Tensor[0]);
    }

    /** Constant weights are brought into the order in which the kernels read them, once. */
    private void pack(int i) {
        Plan.Step step = steps.get(i);
        Tensor[] in = step.inputs();
        if (step.op() instanceof Conv2d conv && !conv.packed() && constants.contains(in[1])) {
            Tensor packed = constants.apply(new Conv2dPack(conv.window(), conv.groups(), in[0].shape()), in[1]);
            steps.set(i, new Plan.Step(conv.withPacked(), inserted(in, conv.packedInput(), packed), step.outputs()));
        } else if (step.op() instanceof Gemm gemm && !gemm.packed() && constants.contains(in[1])) {
            Tensor packed = constants.apply(new GemmPack(gemm.transB(), step.outputs()[0].shape().dim(0)), in[1]);
            steps.set(i, new Plan.Step(gemm.withPacked(), inserted(in, 2, packed), step.outputs()));
        }
    }

    private void fuseActivation(int i) {
        Plan.Step step = steps.get(i);
        int producer = step.op() instanceof Unary unary && unary.fusable() != null ? onlyFor(step.inputs()[0]) : -1;
        if (producer < 0 || !(steps.get(producer).op() instanceof Fusable fusable) || fusable.activation().kind() != Activation.Kind.IDENTITY) {
            return;
        }
        Op fused = fusable.withActivation(((Unary) step.op()).fusable());
        if (fused == null) {
            return;
        }
        Tensor[] outputs = steps.get(producer).outputs().clone();
        outputs[0] = step.outputs()[0];
        join(producer, i, new Plan.Step(fused, steps.get(producer).inputs(), outputs));
    }

    /** pool(act(conv(x))): a convolution pools its result piece by piece; the places of maxima must be of no interest. */
    private void fusePooling(int i) {
        Plan.Step step = steps.get(i);
        WindowPooling pooling = WindowPooling.of(step.op());
        int producer = pooling == null || indexTaken(step) ? -1 : onlyFor(step.inputs()[0]);
        if (producer < 0 || !(steps.get(producer).op() instanceof Conv2d conv) || conv.residual() || conv.pooled()
                || conv.madeWhole(steps.get(producer).inputs()[1].shape(), pooling)) {
            return;
        }
        Shape whole = step.inputs()[0].shape();
        if (pooling.covers(whole.dim(2), whole.dim(3))) {
            join(producer, i, new Plan.Step(conv.withPooling(pooling), steps.get(producer).inputs(), new Tensor[] {step.outputs()[0]}));
        }
    }

    /** A maximum whose place nobody takes. */
    private void dropPlaces(int i) {
        Plan.Step step = steps.get(i);
        if (step.op() instanceof MaxPool2d pool && pool.places() && !indexTaken(step)) {
            steps.set(i, new Plan.Step(new MaxPool2d(pool.window(), pool.ceilMode(), false), step.inputs(), new Tensor[] {step.outputs()[0]}));
        }
    }

    private boolean indexTaken(Plan.Step pool) {
        Tensor[] outputs = pool.outputs();
        return outputs.length > 1 && (uses.containsKey(outputs[1]) || kept.contains(outputs[1]));
    }

    /** batchnorm_gradient(x, relu_gradient(dy, y), ...) as one operation on dy, y being that batch-norm's own result without a residual. */
    private void fuseReluGradient(int i) {
        Plan.Step step = steps.get(i);
        int before = step.op() instanceof BatchNormGradient ? onlyFor(step.inputs()[1]) : -1;
        if (before < 0 || !(steps.get(before).op() instanceof UnaryGradient gradient) || gradient.of().kind() != Unary.Kind.RELU) {
            return;
        }
        Tensor dy = steps.get(before).inputs()[0];
        Tensor y = steps.get(before).inputs()[1];
        Integer forward = producers.get(y);
        if (forward == null || !(steps.get(forward).op() instanceof BatchNorm norm) || norm.activation().kind() != Activation.Kind.RELU
                || steps.get(forward).inputs().length != 5 || steps.get(forward).outputs()[0] != y || steps.get(forward).outputs()[1] != step.inputs()[3]) {
            return;
        }
        Tensor[] in = step.inputs();
        Tensor[] inputs = {in[0], dy, in[2], in[3], in[4], steps.get(forward).inputs()[2]};
        steps.set(i, new Plan.Step(new BatchNormGradient(norm.activation()), inputs, step.outputs()));
        steps.set(before, null);
    }

    /**
     * act_gradient(maxpool_gradient(dy, places), y), y being what was pooled, as maxpool_gradient(act_gradient(dy, maxima), places): the
     * same bits from fewer elements. Where windows overlap, only ReLU's gradient of a sum is the sum of gradients to the last bit.
     */
    private void moveBeforePooling(int i) {
        Plan.Step step = steps.get(i);
        int before = step.op() instanceof UnaryGradient ? onlyFor(step.inputs()[0]) : -1;
        if (before < 0 || !(steps.get(before).op() instanceof MaxPool2dGradient pooling) || !commutes(((UnaryGradient) step.op()).of(), pooling.window())) {
            return;
        }
        Tensor dy = steps.get(before).inputs()[0];
        Tensor places = steps.get(before).inputs()[1];
        Integer forward = producers.get(places);
        if (forward == null || !(steps.get(forward).op() instanceof MaxPool2d) || steps.get(forward).inputs()[0] != step.inputs()[1]) {
            return;
        }
        Tensor maxima = steps.get(forward).outputs()[0];
        Tensor ofMaxima = new Tensor(maxima.spec(), null, 0);
        steps.set(before, new Plan.Step(step.op(), new Tensor[] {dy, maxima}, new Tensor[] {ofMaxima}));
        steps.set(i, new Plan.Step(pooling, new Tensor[] {ofMaxima, places}, step.outputs()));
    }

    private static boolean commutes(Unary activation, Window2d window) {
        boolean apart = window.kernelH() <= window.strideH() && window.kernelW() <= window.strideW() && window.dilationH() == 1 && window.dilationW() == 1;
        return activation.kind() == Unary.Kind.RELU || apart && activation.fusable() != null;
    }
}

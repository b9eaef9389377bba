package dev.sinew.graph;

import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.BatchNorm;
import dev.sinew.op.BatchNormGradient;
import dev.sinew.op.Fusable;
import dev.sinew.op.Op;
import dev.sinew.op.Unary;
import dev.sinew.op.UnaryGradient;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Joins an activation to the operation whose result it takes, when nobody else takes that result: y = act(conv(x)) is
 * computed while conv's result is in registers. Gradients are not disturbed, because the fusable activations have
 * gradients that are computed from y. Where a batch normalisation took a ReLU in, its gradient takes in that of the ReLU.
 */
final class Fusion {
    private final List<Plan.Step> steps;
    private final Map<Tensor, Integer> producers = new IdentityHashMap<>();
    private final Map<Tensor, Integer> uses = new IdentityHashMap<>();
    private final Set<Tensor> kept = Collections.newSetFromMap(new IdentityHashMap<>());

    private Fusion(List<Plan.Step> steps, Tensor[] outputs, Set<Tensor> placed) {
        this.steps = new ArrayList<>(steps);
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

    static List<Plan.Step> apply(List<Plan.Step> steps, Tensor[] outputs, Set<Tensor> placed) {
        Fusion fusion = new Fusion(steps, outputs, placed);
        for (int i = 0; i < steps.size(); i++) {
            fusion.fuseActivation(i);
        }
        for (int i = 0; i < steps.size(); i++) {
            fusion.fuseReluGradient(i);
        }
        fusion.steps.removeIf(step -> step == null);
        return fusion.steps;
    }

    private boolean onlyUse(Tensor tensor) {
        return uses.getOrDefault(tensor, 0) == 1 && !kept.contains(tensor);
    }

    private void fuseActivation(int i) {
        Plan.Step step = steps.get(i);
        if (step == null || !(step.op() instanceof Unary unary) || unary.fusable() == null || !onlyUse(step.inputs()[0])) {
            return;
        }
        Integer producer = producers.get(step.inputs()[0]);
        if (producer == null || steps.get(producer) == null || !(steps.get(producer).op() instanceof Fusable fusable)
                || fusable.activation().kind() != Activation.Kind.IDENTITY || steps.get(producer).outputs()[0] != step.inputs()[0]) {
            return;
        }
        Op fused = fusable.withActivation(unary.fusable());
        if (fused == null) {
            return;
        }
        Tensor[] outputs = steps.get(producer).outputs().clone();
        outputs[0] = step.outputs()[0];
        steps.set(producer, new Plan.Step(fused, steps.get(producer).inputs(), outputs));
        producers.put(outputs[0], producer);
        steps.set(i, null);
    }

    /** batchnorm_gradient(x, relu_gradient(dy, y), ...) as one operation on dy and y, y being that batch-norm's own result. */
    private void fuseReluGradient(int i) {
        Plan.Step step = steps.get(i);
        if (step == null || !(step.op() instanceof BatchNormGradient) || !onlyUse(step.inputs()[1])) {
            return;
        }
        Integer before = producers.get(step.inputs()[1]);
        if (before == null || steps.get(before) == null || !(steps.get(before).op() instanceof UnaryGradient gradient)
                || gradient.of().kind() != Unary.Kind.RELU) {
            return;
        }
        Tensor dy = steps.get(before).inputs()[0];
        Tensor y = steps.get(before).inputs()[1];
        Integer forward = producers.get(y);
        if (forward == null || !(steps.get(forward).op() instanceof BatchNorm norm) || norm.activation().kind() != Activation.Kind.RELU
                || steps.get(forward).outputs()[0] != y || steps.get(forward).outputs()[1] != step.inputs()[3]) {
            return;
        }
        Tensor[] in = step.inputs();
        Tensor[] inputs = {in[0], dy, in[2], in[3], in[4], y};
        steps.set(i, new Plan.Step(new BatchNormGradient(norm.activation()), inputs, step.outputs()));
        steps.set(before, null);
    }
}

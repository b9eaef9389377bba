package dev.sinew.graph;

import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.Fusable;
import dev.sinew.op.Op;
import dev.sinew.op.Unary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Joins an activation to the operation whose result it takes, when nobody else takes that result: y = act(conv(x)) is
 * computed while conv's result is in registers. Gradients are not disturbed, because the fusable activations have
 * gradients that are computed from y.
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
}

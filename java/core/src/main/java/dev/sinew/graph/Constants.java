package dev.sinew.graph;

import dev.sinew.Tensor;
import dev.sinew.internal.Buffer;
import dev.sinew.op.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Divides the steps of a plan: the prologue has those whose results follow from captured tensors that the plan itself
 * does not overwrite, as the weights of a net in inference. It runs when one of these tensors has changed; the others,
 * the body, in every run.
 */
final class Constants {
    private final List<Plan.Step> prologue = new ArrayList<>();
    private final List<Plan.Step> body = new ArrayList<>();
    private final Set<Tensor> results = identitySet();
    private final Set<Buffer> overwritten = identitySet();

    private Constants() {}

    /**
     * @param outputs what is handed out, and so might be overwritten between runs: always computed again
     * @param placed results that have memory of their own
     */
    static Constants of(List<Plan.Step> steps, Tensor[] outputs, Map<Tensor, Tensor> placed) {
        Constants constants = new Constants();
        Set<Tensor> exposed = identitySet();
        Collections.addAll(exposed, outputs);
        exposed.addAll(placed.keySet());
        for (Tensor target : placed.values()) {
            constants.overwritten.add(target.buffer());
        }
        for (Plan.Step step : steps.reversed()) {
            for (int i : step.op().mutates()) {
                exposed.add(step.inputs()[i]);
            }
            if (step.isView() && exposed.contains(step.outputs()[0])) {
                exposed.add(step.inputs()[0]);
            }
        }
        for (Tensor tensor : exposed) {
            if (tensor.buffer() != null) {
                constants.overwritten.add(tensor.buffer());
            }
        }
        for (Plan.Step step : steps) {
            constants.sort(step, exposed);
        }
        return constants;
    }

    private static <T> Set<T> identitySet() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    private void sort(Plan.Step step, Set<Tensor> exposed) {
        boolean constant = step.op().mutates().length == 0;
        for (Tensor input : step.inputs()) {
            constant &= contains(input);
        }
        for (Tensor output : step.outputs()) {
            constant &= !exposed.contains(output);
        }
        (constant ? prologue : body).add(step);
        if (constant) {
            Collections.addAll(results, step.outputs());
        }
    }

    /** Whether it changes between runs only. */
    boolean contains(Tensor tensor) {
        return results.contains(tensor) || tensor.buffer() != null && !overwritten.contains(tensor.buffer());
    }

    boolean containsAll(Tensor[] tensors, int from) {
        for (int i = from; i < tensors.length; i++) {
            if (!contains(tensors[i])) {
                return false;
            }
        }
        return true;
    }

    /** Applies an operation to constants, in the prologue; their layouts are those that it wants. */
    Tensor apply(Op op, Tensor... inputs) {
        Tensor[] outputs = Graph.symbols(op, inputs);
        prologue.add(new Plan.Step(op, inputs, outputs));
        Collections.addAll(results, outputs);
        return outputs[0];
    }

    List<Plan.Step> prologue() {
        return prologue;
    }

    List<Plan.Step> body() {
        return body;
    }
}

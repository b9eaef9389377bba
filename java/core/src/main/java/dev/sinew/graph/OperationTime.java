package dev.sinew.graph;

import dev.sinew.Spec;
import dev.sinew.op.Op;
import java.util.List;

/**
 * How long an operation of a plan took, and what it had to do in that time.
 *
 * @param operation its name
 * @param inputs what is known of its inputs
 * @param outputs what is known of its outputs
 * @param seconds the median of its times
 * @param flops floating-point operations, a multiply-add counting as two; 0 where they do not matter
 * @param bytes what it must read and write: inputs and outputs once, inputs that it overwrites twice
 */
public record OperationTime(String operation, List<Spec> inputs, List<Spec> outputs, double seconds, long flops, long bytes) {
    static OperationTime of(Op op, List<Spec> inputs, List<Spec> outputs, double seconds) {
        long bytes = inputs.stream().mapToLong(Spec::bytes).sum() + outputs.stream().mapToLong(Spec::bytes).sum();
        for (int i : op.mutates()) {
            bytes += inputs.get(i).bytes();
        }
        return new OperationTime(op.name(), inputs, outputs, seconds, op.flops(inputs), bytes);
    }
}

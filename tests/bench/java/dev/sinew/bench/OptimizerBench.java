package dev.sinew.bench;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.AdamStep;
import dev.sinew.op.Ops;
import dev.sinew.op.SgdStep;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** One step over all parameters of a net. */
public class OptimizerBench extends Measured {
    /** Of the net of XOR, of LeNet-5, of the MLP 784-512-512-10, of ResNet-18. */
    @Param({"17", "61706", "669706", "11689512"})
    public int parameters;

    /** The optimiser. */
    @Param({"sgd", "momentum", "adam"})
    public String optimizer;

    /** Compiles and checks. */
    @Setup
    public void prepare() {
        Tensor param = Kernel.random(parameters);
        Tensor gradient = Kernel.random(parameters);
        Tensor m = Tensor.zeros(parameters);
        Tensor v = Tensor.zeros(parameters);
        // so small that nothing diverges however often the step is repeated
        Tensor rate = Tensor.full(DType.F64, Shape.scalar(), 1e-6);
        Tensor step = Tensor.full(DType.I64, Shape.scalar(), 2);
        kernel = switch (optimizer) {
            case "sgd" -> Kernel.of(List.of(param), List.of(gradient),
                    in -> Ops.applyAll(new SgdStep(0, 0, 0, false), param, in[0], rate, step));
            case "momentum" -> Kernel.of(List.of(param, m), List.of(gradient),
                    in -> Ops.applyAll(new SgdStep(0.9, 0, 0, false), param, in[0], rate, step, m));
            default -> Kernel.of(List.of(param, m, v), List.of(gradient),
                    in -> Ops.applyAll(new AdamStep(0.9, 0.999, 1e-8, 0, false), param, in[0], rate, step, m, v));
        };
    }

    /** One step. */
    @Benchmark
    public void optimizer(Bytes bytes) {
        measure(bytes);
    }
}

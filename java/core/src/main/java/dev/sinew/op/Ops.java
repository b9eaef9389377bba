package dev.sinew.op;

import dev.sinew.Scope;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.sn_call;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Node;
import dev.sinew.internal.Buffer;
import dev.sinew.internal.Native;
import dev.sinew.internal.Owner;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;

/** Applies operations: at once to tensors that have values, by adding a node to the graph where one is symbolic. */
public final class Ops {
    private static final long SCRATCH_BYTES = 64 << 10;
    /** Argument structures of the operation being run on this thread. */
    private static final ThreadLocal<MemorySegment> SCRATCH = ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(SCRATCH_BYTES, 64));

    private Ops() {}

    /** Applies an operation with one output. */
    public static Tensor apply(Op op, Tensor... inputs) {
        return applyAll(op, inputs)[0];
    }

    /** Applies an operation. */
    public static Tensor[] applyAll(Op op, Tensor... inputs) {
        Tensor[] in = inputs.clone();
        for (Tensor input : in) {
            if (input == null) {
                throw new NullPointerException(op.name() + ": an input is null");
            }
        }
        Graph graph = Graph.of(in);
        if (graph != null) {
            return graph.add(op, in);
        }
        List<Spec> given = specs(in);
        for (int i = 0; i < in.length; i++) {
            if (given.get(i).shape().rank() == 4) {
                in[i] = Convert.to(op.layout(i, given), in[i]);
            }
        }
        List<Spec> specs = specs(in);
        return run(op, in, specs, op.outputs(specs));
    }

    /** What is known of each tensor. */
    public static List<Spec> specs(Tensor... tensors) {
        Spec[] specs = new Spec[tensors.length];
        for (int i = 0; i < specs.length; i++) {
            specs[i] = tensors[i].spec();
        }
        return List.of(specs);
    }

    /** {@code conv2d(f32[1, 3, 8, 8], f32[16, 3, 3, 3])}: how messages name an operation with its inputs. */
    public static String describe(Op op, List<Spec> inputs) {
        StringBuilder text = new StringBuilder(op.name()).append('(');
        for (int i = 0; i < inputs.size(); i++) {
            text.append(i == 0 ? "" : ", ").append(inputs.get(i));
        }
        return text.append(')').toString();
    }

    /** The error of a broken shape rule: names the operation, the inputs and the rule. */
    public static IllegalArgumentException error(Op op, List<Spec> inputs, String rule) {
        return new IllegalArgumentException(describe(op, inputs) + ": " + rule);
    }

    /** Throws {@link #error} when the number of inputs is not within the bounds. */
    public static void arity(Op op, List<Spec> inputs, int least, int most) {
        if (inputs.size() < least || inputs.size() > most) {
            throw error(op, inputs, "takes " + (least == most ? "" + least : least + " to " + most) + " inputs, not " + inputs.size());
        }
    }

    /** Throws {@link #error} unless input {@code i} is of a floating-point type and that of the first input. */
    public static void floating(Op op, List<Spec> inputs, int... which) {
        for (int i : which) {
            if (!inputs.get(i).dtype().isFloat() || inputs.get(i).dtype() != inputs.get(which[0]).dtype()) {
                throw error(op, inputs, "needs floating-point inputs of one type");
            }
        }
    }

    /** {@link #floating} for every input. */
    static void allFloating(Op op, List<Spec> inputs) {
        for (int i = 0; i < inputs.size(); i++) {
            floating(op, inputs, 0, i);
        }
    }

    private static Tensor[] run(Op op, Tensor[] in, List<Spec> specs, List<Spec> outSpecs) {
        Tensor[] out = new Tensor[outSpecs.size()];
        Owner owner = Scope.currentOwner();
        if (op.isView(specs)) {
            in[0].buffer().owner().check(op.name());
            out[0] = new Tensor(outSpecs.getFirst(), in[0].buffer(), in[0].byteOffset());
        } else {
            for (int i = 0; i < out.length; i++) {
                out[i] = new Tensor(outSpecs.get(i), Buffer.allocate(owner, outSpecs.get(i).bytes()), 0);
            }
            try {
                execute(op, in, specs, out, outSpecs);
            } finally {
                for (int i : op.mutates()) {
                    in[i].buffer().touch();
                }
            }
        }
        if (Scope.isOpen() && op.mutates().length == 0 || Scope.isOpen() && out.length > 0) {
            new Node(null, op, in, out);
        }
        return out;
    }

    private static void execute(Op op, Tensor[] in, List<Spec> specs, Tensor[] out, List<Spec> outSpecs) {
        int held = 0;
        try {
            for (; held < in.length; held++) {
                in[held].buffer().owner().acquire(op.name());
            }
            call(op, specs, outSpecs, addresses(in), addresses(out));
        } finally {
            for (int i = 0; i < held; i++) {
                in[i].buffer().owner().release();
            }
            java.lang.ref.Reference.reachabilityFence(in);
            java.lang.ref.Reference.reachabilityFence(out);
        }
    }

    private static void call(Op op, List<Spec> specs, List<Spec> outSpecs, long[] in, long[] out) {
        try (Arena arena = Arena.ofConfined()) {
            Call call = new Call(argumentMemory(arena), specs, outSpecs, in, out, 0, null);
            op.encode(call);
            if (call.workspaceBytes() > 0) {
                // encoded again, now that the size of the workspace is known
                MemorySegment workspace = allocateWorkspace(arena, call.workspaceBytes());
                call = new Call(argumentMemory(arena), specs, outSpecs, in, out, workspace.address(), null);
                op.encode(call);
            }
            runCalls(op, specs, call, arena);
        }
    }

    /** The thread's scratch memory; tables that are long for it get memory of their own. */
    private static SegmentAllocator argumentMemory(Arena arena) {
        SegmentAllocator scratch = SegmentAllocator.slicingAllocator(SCRATCH.get());
        return (bytes, alignment) -> (bytes > SCRATCH_BYTES / 8 ? arena : scratch).allocate(bytes, alignment);
    }

    private static MemorySegment allocateWorkspace(Arena arena, long bytes) {
        MemorySegment memory = dev.sinew.bindings.Sinew.sn_alloc(bytes);
        if (memory.address() == 0) {
            throw new OutOfMemoryError("no native memory for a workspace of " + bytes + " bytes");
        }
        return memory.reinterpret(bytes, arena, dev.sinew.bindings.Sinew::sn_free);
    }

    private static void runCalls(Op op, List<Spec> specs, Call call, Arena arena) {
        MemorySegment calls = arena.allocate(sn_call.layout().byteSize() * call.count(), 8);
        call.write(calls, 0);
        int status = Native.run(calls, call.count(), -1);
        if (status != 0) {
            throw failure(op, specs, status);
        }
    }

    /**
     * The exception for a native status.
     *
     * @hidden
     */
    public static RuntimeException failure(Op op, List<Spec> specs, int status) {
        String text = describe(op, specs) + ": " + Native.statusText(status);
        return status == dev.sinew.bindings.Sinew.SN_ERR_MEMORY() ? new IllegalStateException(text) : new IllegalArgumentException(text);
    }

    private static long[] addresses(Tensor[] tensors) {
        long[] addresses = new long[tensors.length];
        for (int i = 0; i < tensors.length; i++) {
            addresses[i] = tensors[i].address();
        }
        return addresses;
    }

    /** The list without its null elements: optional inputs stand last. */
    public static Tensor[] present(Tensor... tensors) {
        List<Tensor> list = new ArrayList<>(tensors.length);
        for (Tensor tensor : tensors) {
            if (tensor != null) {
                list.add(tensor);
            }
        }
        return list.toArray(new Tensor[0]);
    }
}

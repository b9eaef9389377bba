package dev.sinew.graph;

import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.sn_call;
import dev.sinew.internal.Buffer;
import dev.sinew.internal.Native;
import dev.sinew.internal.Owner;
import dev.sinew.op.Call;
import dev.sinew.op.Copy;
import dev.sinew.op.Op;
import dev.sinew.op.Ops;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/**
 * A graph made ready to run many times: dead operations dropped, operations fused, every intermediate result given a
 * place in one workspace that is shared by lifetime. What follows from captured tensors alone is computed again only when
 * they have changed. A run is one native call and allocates nothing.
 *
 * <p>Compiling allocates no native memory; the first run does. A plan runs on one thread at a time.
 */
public final class Plan implements AutoCloseable {
    private final Graph graph;
    /** The prologue, then the body. */
    private final List<Step> steps;
    private final int prologueSteps;
    private final Tensor[] symbolicOutputs;
    private final Map<Tensor, Tensor> placed;
    private final MemoryPlan memoryPlan;
    private final AtomicBoolean running = new AtomicBoolean();

    private Owner owner;
    private Buffer workspace;
    private Tensor[] outputs;
    private MemorySegment calls;
    private int callCount;
    private int prologueCalls;
    private MemorySegment bodyCalls;
    private int[] firstCall;
    private List<List<Slot>> inputSlots;
    private long[] inputAddresses;
    private Owner[] captured;
    private Buffer[] mutated;
    private int[] mutatedInputs;
    /** Keeps the captured tensors' memory reachable. */
    private List<Tensor> capturedTensors;
    /** What the prologue reads, and how often each had been overwritten when it ran. */
    private Buffer[] constants;
    private int[] constantVersions;
    /** The instruction set whose kernels the prologue's results are for; -1: it has to run. */
    private int prologueIsa = -1;
    /** Where {@link #profile} wants the times of a run's operations; else null. */
    private List<Long> profiled;

    /** Where the address of a graph's input stands in an argument structure. */
    private record Slot(MemorySegment struct, long offset) {}

    private Plan(Graph graph, List<Step> prologue, List<Step> body, Tensor[] outputs, Map<Tensor, Tensor> placed) {
        this.graph = graph;
        this.steps = new ArrayList<>(prologue);
        steps.addAll(body);
        this.prologueSteps = prologue.size();
        this.symbolicOutputs = outputs;
        this.placed = placed;
        this.memoryPlan = MemoryPlan.of(steps, prologueSteps, outputs, placed.keySet());
    }

    /** Compiles a graph whose results are read with {@link #output}. */
    public static Plan compile(Graph graph, Tensor... outputs) {
        return compile(graph, List.of(outputs), Map.of());
    }

    /**
     * Compiles a graph.
     *
     * @param outputs symbolic tensors whose values are wanted after a run
     * @param placements symbolic tensors whose values are to be written into tensors that exist: same shape, type, layout
     * @throws IllegalArgumentException when an output is not of this graph, or a placement does not match
     */
    public static Plan compile(Graph graph, List<Tensor> outputs, Map<Tensor, Tensor> placements) {
        for (Tensor output : outputs) {
            if (output.graph() != graph) {
                throw new IllegalArgumentException("plan: the output " + output.spec() + " is not a result of this graph");
            }
        }
        Map<Tensor, Tensor> placed = new IdentityHashMap<>();
        for (Map.Entry<Tensor, Tensor> placement : placements.entrySet()) {
            Tensor symbolic = placement.getKey();
            Tensor target = placement.getValue();
            if (symbolic.graph() != graph || target.buffer() == null) {
                throw new IllegalArgumentException("plan: a placement goes from a tensor of this graph to one with memory");
            }
            if (!symbolic.spec().equals(target.spec())) {
                throw new IllegalArgumentException("plan: " + symbolic.spec() + " cannot be placed into " + target.spec());
            }
            // views and inputs have no step that could write to the target
            boolean copied = symbolic.node().op() == null || isView(symbolic.node());
            placed.put(copied ? Ops.apply(new Copy(), symbolic) : symbolic, target);
        }
        Tensor[] wanted = new Tensor[outputs.size()];
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = isInput(outputs.get(i)) ? Ops.apply(new Copy(), outputs.get(i)) : outputs.get(i);
        }
        Constants constants = Constants.of(live(graph, wanted, placed.keySet()), wanted, placed);
        List<Step> body = Fusion.apply(constants, wanted, placed.keySet());
        return new Plan(graph, constants.prologue(), body, wanted, placed);
    }

    private static boolean isView(Node node) {
        return node.op().isView(Ops.specs(node.inputs()));
    }

    /** Whether this is an input of the graph, or a view of one: memory that the plan does not have. */
    private static boolean isInput(Tensor tensor) {
        Tensor root = tensor;
        while (root.isSymbolic() && root.node().op() != null && isView(root.node())) {
            root = root.node().inputs()[0];
        }
        return root.isSymbolic() && root.node().op() == null;
    }

    /** The nodes that an output, a placement or an overwritten tensor depends on. */
    private static List<Step> live(Graph graph, Tensor[] outputs, Set<Tensor> placed) {
        Set<Tensor> needed = Collections.newSetFromMap(new IdentityHashMap<>());
        Collections.addAll(needed, outputs);
        needed.addAll(placed);
        List<Step> steps = new ArrayList<>();
        for (Node node : graph.nodes().reversed()) {
            boolean used = node.op().mutates().length > 0;
            for (Tensor output : node.outputs()) {
                used |= needed.contains(output);
            }
            if (used) {
                Tensor[] inputs = isView(node) ? new Tensor[] {node.inputs()[0]} : node.inputs();
                Collections.addAll(needed, inputs);
                steps.add(new Step(node.op(), inputs, node.outputs()));
            }
        }
        return steps.reversed();
    }

    /** Bytes of the workspace: all intermediate results, outputs and scratch memory. Known before the first run. */
    public long workspaceBytes() {
        return memoryPlan.bytes();
    }

    /** Floating-point operations of one run, a multiply-add counting as two. */
    public long flops() {
        long flops = 0;
        for (Step step : steps.subList(prologueSteps, steps.size())) {
            flops += step.op().flops(step.inputSpecs());
        }
        return flops;
    }

    /** The names of the inputs of a run, in their order. */
    public List<String> inputNames() {
        return IntStream.range(0, graph.inputs().size()).mapToObj(graph::inputName).toList();
    }

    /** The operations of every run in the order in which they run, after fusion. Views are none: nothing is done for them. */
    public List<String> operations() {
        return describe(steps.subList(prologueSteps, steps.size()));
    }

    /**
     * The operations that depend on captured tensors only, such as what is prepared of a net's weights. They run before
     * the others in the first run, and again when one of those tensors or the instruction set in use has changed.
     */
    public List<String> prologue() {
        return describe(steps.subList(0, prologueSteps));
    }

    private static List<String> describe(List<Step> steps) {
        return steps.stream().filter(step -> !step.isView()).map(step -> Ops.describe(step.op(), step.inputSpecs())).toList();
    }

    /**
     * Runs the plan.
     *
     * @param inputs values for the graph's inputs, in their order; shape, type and layout must match
     * @throws IllegalArgumentException when the inputs do not match or an operation refuses its values
     * @throws IllegalStateException when the plan or a captured tensor is closed, or the plan is running on another thread
     */
    public void run(Tensor... inputs) {
        if (!running.compareAndSet(false, true)) {
            throw new IllegalStateException("plan: it is running already; a plan serves one thread at a time");
        }
        try {
            if (owner == null) {
                bind();
            }
            checkInputs(inputs);
            runHeld(inputs);
        } finally {
            running.set(false);
        }
    }

    private void checkInputs(Tensor[] inputs) {
        List<Tensor> expected = graph.inputs();
        if (inputs.length != expected.size()) {
            throw new IllegalArgumentException("plan: takes " + expected.size() + " inputs, not " + inputs.length);
        }
        for (int i = 0; i < inputs.length; i++) {
            String name = graph.inputName(i);
            if (inputs[i] == null) {
                throw new NullPointerException("plan: input \"" + name + "\" is null");
            }
            Spec want = expected.get(i).spec();
            Spec got = inputs[i].spec();
            if (inputs[i].buffer() == null || got.dtype() != want.dtype() || !got.shape().equals(want.shape())
                    || got.layout() != want.layout() && !got.layoutIsImmaterial()) {
                throw new IllegalArgumentException("plan: input \"" + name + "\" must be " + want + " " + want.layout()
                        + ", not " + got + " " + got.layout() + (inputs[i].buffer() == null ? " without values" : ""));
            }
            if (inputs[i].buffer() == workspace) {
                throw new IllegalArgumentException("plan: input \"" + name + "\" is an output of this plan, whose memory the run uses; give a copy");
            }
        }
    }

    private void runHeld(Tensor[] inputs) {
        int heldCaptured = 0;
        int heldInputs = 0;
        owner.acquire("plan");
        try {
            for (; heldCaptured < captured.length; heldCaptured++) {
                captured[heldCaptured].acquire("plan: a captured tensor");
            }
            for (; heldInputs < inputs.length; heldInputs++) {
                inputs[heldInputs].buffer().owner().acquire("plan: an input");
            }
            for (int i = 0; i < inputs.length; i++) {
                long address = inputs[i].address();
                if (address != inputAddresses[i]) {
                    List<Slot> slots = inputSlots.get(i);
                    for (int k = 0; k < slots.size(); k++) {
                        slots.get(k).struct.set(ValueLayout.JAVA_LONG, slots.get(k).offset, address);
                    }
                    inputAddresses[i] = address;
                }
            }
            int status = runCalls();
            for (Buffer buffer : mutated) {
                buffer.touch();
            }
            for (int i : mutatedInputs) {
                inputs[i].buffer().touch();
            }
            if (status != 0) {
                throw failure(status);
            }
        } finally {
            for (int i = 0; i < heldInputs; i++) {
                inputs[i].buffer().owner().release();
            }
            for (int i = 0; i < heldCaptured; i++) {
                captured[i].release();
            }
            owner.release();
            java.lang.ref.Reference.reachabilityFence(inputs);
            java.lang.ref.Reference.reachabilityFence(capturedTensors);
        }
    }

    /**
     * Runs the plan as {@link #run} does, but one operation after the other, and tells the median time of each. The first run
     * is not timed.
     *
     * @param times how many runs to time, at least 1
     */
    public List<OperationTime> profile(int times, Tensor... inputs) {
        run(inputs);
        List<Step> timed = steps.stream().skip(prologueSteps).filter(step -> !step.isView()).toList();
        double[][] seconds = new double[timed.size()][times];
        for (int r = 0; r < times; r++) {
            profiled = new ArrayList<>();
            try {
                run(inputs);
                for (int i = 0; i < seconds.length; i++) {
                    seconds[i][r] = profiled.get(i) / 1e9;
                }
            } finally {
                profiled = null;
            }
        }
        List<OperationTime> result = new ArrayList<>();
        for (int i = 0; i < seconds.length; i++) {
            Arrays.sort(seconds[i]);
            Step step = timed.get(i);
            result.add(OperationTime.of(step.op(), step.inputSpecs(), step.outputSpecs(), seconds[i][times / 2]));
        }
        return result;
    }

    /** The body's operations one by one; their times, in nanoseconds, go to {@link #profiled}. */
    private int runProfiled() {
        for (int i = prologueSteps; i < steps.size(); i++) {
            int end = i + 1 < steps.size() ? firstCall[i + 1] : callCount;
            if (steps.get(i).isView()) {
                continue;
            }
            MemorySegment part = sn_call.asSlice(calls, firstCall[i]);
            long begun = System.nanoTime();
            int status = Native.run(part, end - firstCall[i], -1);
            profiled.add(System.nanoTime() - begun);
            if (status != 0) {
                return status;
            }
        }
        return 0;
    }

    /** One native call, the prologue being part of it when what it reads has changed. */
    private int runCalls() {
        if (profiled != null) {
            return runProfiled();
        }
        if (prologueCalls == 0) {
            return Native.run(calls, callCount, -1);
        }
        // asked once: a change in the middle must not part the kernels from what was prepared for them
        int isa = Native.isa();
        boolean ready = isa == prologueIsa;
        for (int i = 0; i < constants.length; i++) {
            int version = constants[i].version();
            ready &= version == constantVersions[i];
            constantVersions[i] = version;
        }
        if (ready) {
            return Native.run(bodyCalls, callCount - prologueCalls, isa);
        }
        prologueIsa = -1;
        int status = Native.run(calls, callCount, isa);
        prologueIsa = status == 0 ? isa : -1;
        return status;
    }

    private RuntimeException failure(int status) {
        int call = Native.failed(calls, callCount);
        int step = 0;
        while (step + 1 < steps.size() && firstCall[step + 1] <= call) {
            step++;
        }
        return Ops.failure(steps.get(step).op(), steps.get(step).inputSpecs(), status);
    }

    /**
     * The value of output {@code i}, in the plan's own memory: valid until the next run.
     *
     * @throws IllegalStateException before the first run
     */
    public Tensor output(int i) {
        if (outputs == null) {
            throw new IllegalStateException("plan: it has not run yet");
        }
        return outputs[i];
    }

    /** Frees the workspace. Closing again does nothing. */
    @Override
    public void close() {
        if (!running.compareAndSet(false, true)) {
            throw new IllegalStateException("plan: it cannot be closed while it runs");
        }
        try {
            if (owner == null) {
                owner = Owner.closeable("a plan");
            }
            owner.close();
        } finally {
            running.set(false);
        }
    }

    /** Allocates the workspace and writes all native calls. */
    private void bind() {
        Owner memory = Owner.closeable("a plan");
        try {
            bind(memory);
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
        owner = memory;
    }

    private void bind(Owner memory) {
        workspace = Buffer.allocate(memory, Math.max(64, memoryPlan.bytes()));
        List<Tensor> inputs = graph.inputs();
        List<List<Slot>> slots = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            slots.add(new ArrayList<>());
        }
        List<Call> encoded = new ArrayList<>();
        SegmentAllocator args = argumentMemory(memory);
        firstCall = new int[steps.size()];
        int count = 0;
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            firstCall[i] = count;
            prologueCalls = i == prologueSteps ? count : prologueCalls;
            if (step.isView()) {
                continue;
            }
            Call call = new Call(args, step.inputSpecs(), step.outputSpecs(), addresses(step.inputs()),
                    addresses(step.outputs()), workspace.address() + memoryPlan.scratchOffset(i),
                    (k, struct, offset) -> {
                        int graphInput = indexOf(inputs, memoryPlan.root(step.inputs()[k]));
                        if (graphInput >= 0) {
                            slots.get(graphInput).add(new Slot(struct, offset));
                        }
                    });
            step.op().encode(call);
            encoded.add(call);
            count += call.count();
        }
        calls = args.allocate(sn_call.layout().byteSize() * Math.max(1, count), 8);
        int from = 0;
        for (Call call : encoded) {
            call.write(calls, from);
            from += call.count();
        }
        callCount = count;
        bodyCalls = sn_call.asSlice(calls, prologueCalls);
        inputSlots = slots;
        inputAddresses = new long[inputs.size()];
        collectCaptured();
        outputs = new Tensor[symbolicOutputs.length];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = outputTensor(symbolicOutputs[i]);
        }
    }

    /** Argument structures and calls live in the plan's memory too; their size is found by encoding without addresses. */
    private SegmentAllocator argumentMemory(Owner memory) {
        return SegmentAllocator.slicingAllocator(memory.allocate(memoryPlan.argumentBytes()));
    }

    private Tensor outputTensor(Tensor symbolic) {
        Tensor root = memoryPlan.root(symbolic);
        Tensor target = placed.get(root);
        if (target != null) {
            return new Tensor(symbolic.spec(), target.buffer(), target.byteOffset());
        }
        if (root.buffer() != null) {
            return new Tensor(symbolic.spec(), root.buffer(), root.byteOffset());
        }
        return new Tensor(symbolic.spec(), workspace, memoryPlan.offset(root));
    }

    private long[] addresses(Tensor[] tensors) {
        long[] addresses = new long[tensors.length];
        for (int i = 0; i < tensors.length; i++) {
            Tensor root = memoryPlan.root(tensors[i]);
            if (root.buffer() != null) {
                addresses[i] = root.address();
            } else if (placed.containsKey(root)) {
                addresses[i] = placed.get(root).address();
            } else {
                long offset = memoryPlan.offset(root);
                addresses[i] = offset < 0 ? 0 : workspace.address() + offset;
            }
        }
        return addresses;
    }

    private void collectCaptured() {
        Set<Owner> owners = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Buffer> overwritten = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Integer> overwrittenInputs = new TreeSet<>();
        overwritten.add(workspace);
        capturedTensors = new ArrayList<>();
        Set<Buffer> read = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < prologueSteps; i++) {
            for (Tensor input : steps.get(i).inputs()) {
                if (input.buffer() != null) {
                    read.add(input.buffer());
                }
            }
        }
        constants = read.toArray(new Buffer[0]);
        constantVersions = new int[constants.length];
        for (Step step : steps) {
            for (Tensor input : step.inputs()) {
                if (input.buffer() != null) {
                    owners.add(input.buffer().owner());
                    capturedTensors.add(input);
                }
            }
            for (int i : step.op().mutates()) {
                Tensor root = memoryPlan.root(step.inputs()[i]);
                if (root.buffer() != null) {
                    overwritten.add(root.buffer());
                } else if (indexOf(graph.inputs(), root) >= 0) {
                    overwrittenInputs.add(indexOf(graph.inputs(), root));
                }
            }
        }
        for (Tensor target : placed.values()) {
            owners.add(target.buffer().owner());
            overwritten.add(target.buffer());
            capturedTensors.add(target);
        }
        captured = owners.toArray(new Owner[0]);
        mutated = overwritten.toArray(new Buffer[0]);
        mutatedInputs = new int[overwrittenInputs.size()];
        int place = 0;
        for (int i : overwrittenInputs) {
            mutatedInputs[place++] = i;
        }
    }

    private static int indexOf(List<Tensor> tensors, Tensor wanted) {
        for (int i = 0; i < tensors.size(); i++) {
            if (tensors.get(i) == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** One operation of a plan; fusion changes it. */
    record Step(Op op, Tensor[] inputs, Tensor[] outputs) {
        List<Spec> inputSpecs() {
            return Ops.specs(inputs);
        }

        List<Spec> outputSpecs() {
            return Ops.specs(outputs);
        }

        boolean isView() {
            return op.isView(inputSpecs());
        }

        /** Bytes of scratch memory and of argument structures; found without allocating native memory for either. */
        long[] needs() {
            if (isView()) {
                return new long[2];
            }
            try (Arena arena = Arena.ofConfined()) {
                long[] bytes = new long[1];
                Call call = new Call((size, alignment) -> {
                    bytes[0] += size + alignment;
                    return arena.allocate(size, alignment);
                }, inputSpecs(), outputSpecs(), null, null, 0, null);
                op.encode(call);
                return new long[] {call.workspaceBytes(), bytes[0] + sn_call.layout().byteSize() * call.count()};
            }
        }
    }
}

package dev.sinew.graph;

import dev.sinew.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Places every intermediate result of a plan in one workspace. Two results share memory when their lifetimes (from the
 * step that writes them to the last that reads them) do not meet: largest first, each at the lowest free offset.
 */
final class MemoryPlan {
    private static final long ALIGNMENT = 64;

    /** Results that share one piece of memory: views, and results computed in place. */
    private static final class Block {
        final long bytes;
        final int from;
        int to;
        long offset = -1;

        Block(long bytes, int from, int to) {
            this.bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            this.from = from;
            this.to = to;
        }
    }

    private final Map<Tensor, Tensor> viewOf = new IdentityHashMap<>();
    private final Map<Tensor, Block> blocks = new IdentityHashMap<>();
    private final Block[] scratch;
    private final Map<Tensor, Integer> lastUse = new IdentityHashMap<>();
    private long bytes;
    private long argumentBytes = 64;

    private MemoryPlan(int steps) {
        scratch = new Block[steps];
    }

    /**
     * @param prologue how many of the steps, the first ones, do not run every time: what others need of theirs stays
     * @param placed results that have memory of their own
     */
    static MemoryPlan of(List<Plan.Step> steps, int prologue, Tensor[] outputs, Set<Tensor> placed) {
        MemoryPlan plan = new MemoryPlan(steps.size());
        plan.findViews(steps);
        plan.findLastUses(steps, prologue, outputs);
        List<Block> all = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Plan.Step step = steps.get(i);
            long[] needs = step.needs();
            plan.argumentBytes += needs[1] + ALIGNMENT;
            if (needs[0] > 0) {
                plan.scratch[i] = new Block(needs[0], i, i);
                all.add(plan.scratch[i]);
            }
            if (step.isView()) {
                continue;
            }
            for (int k = 0; k < step.outputs().length; k++) {
                Tensor output = step.outputs()[k];
                if (placed.contains(output)) {
                    continue;
                }
                Block reused = k == 0 ? plan.inPlace(step, i) : null;
                if (reused != null) {
                    reused.to = plan.lastUse.getOrDefault(output, i);
                    plan.blocks.put(output, reused);
                } else {
                    Block block = new Block(output.spec().bytes(), i, plan.lastUse.getOrDefault(output, i));
                    plan.blocks.put(output, block);
                    all.add(block);
                }
            }
        }
        plan.assign(all);
        return plan;
    }

    private void findViews(List<Plan.Step> steps) {
        for (Plan.Step step : steps) {
            if (step.isView()) {
                viewOf.put(step.outputs()[0], root(step.inputs()[0]));
            }
        }
    }

    private void findLastUses(List<Plan.Step> steps, int prologue, Tensor[] outputs) {
        Set<Tensor> lasting = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < steps.size(); i++) {
            if (i < prologue) {
                Collections.addAll(lasting, steps.get(i).outputs());
            }
            for (Tensor input : steps.get(i).inputs()) {
                Tensor root = root(input);
                lastUse.put(root, i >= prologue && lasting.contains(root) ? Integer.MAX_VALUE : i);
            }
        }
        for (Tensor output : outputs) {
            lastUse.put(root(output), Integer.MAX_VALUE);
        }
    }

    /** The block of an input that dies here and may be overwritten by output 0. */
    private Block inPlace(Plan.Step step, int index) {
        for (int i = 0; i < step.inputs().length; i++) {
            Tensor root = root(step.inputs()[i]);
            Block block = blocks.get(root);
            if (block == null || !step.op().inPlace(i) || lastUse.get(root) != index || block.to != index
                    || step.inputs()[i].spec().bytes() != step.outputs()[0].spec().bytes()
                    || step.inputs()[i].spec().bytes() != root.spec().bytes() || usedTwice(step, root)) {
                continue;
            }
            return block;
        }
        return null;
    }

    private boolean usedTwice(Plan.Step step, Tensor root) {
        int uses = 0;
        for (Tensor input : step.inputs()) {
            uses += root(input) == root ? 1 : 0;
        }
        return uses > 1;
    }

    private void assign(List<Block> all) {
        all.sort((a, b) -> a.bytes != b.bytes ? Long.compare(b.bytes, a.bytes) : Integer.compare(a.from, b.from));
        List<Block> byOffset = new ArrayList<>();
        for (Block block : all) {
            long offset = 0;
            for (Block other : byOffset) {
                if (other.from > block.to || other.to < block.from) {
                    continue;
                }
                if (other.offset >= offset + block.bytes) {
                    break;
                }
                offset = Math.max(offset, other.offset + other.bytes);
            }
            block.offset = offset;
            int place = 0;
            while (place < byOffset.size() && byOffset.get(place).offset <= offset) {
                place++;
            }
            byOffset.add(place, block);
            bytes = Math.max(bytes, offset + block.bytes);
        }
    }

    /** The tensor whose memory this one is a view of; itself for others. */
    Tensor root(Tensor tensor) {
        Tensor root = viewOf.get(tensor);
        return root == null ? tensor : root;
    }

    /** Where a result lies in the workspace; -1 for tensors that have memory of their own. */
    long offset(Tensor root) {
        Block block = blocks.get(root);
        return block == null ? -1 : block.offset;
    }

    long scratchOffset(int step) {
        return scratch[step] == null ? 0 : scratch[step].offset;
    }

    long bytes() {
        return bytes;
    }

    long argumentBytes() {
        return argumentBytes;
    }
}

package dev.sinew.nn;

import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.graph.Plan;
import dev.sinew.internal.Owner;
import dev.sinew.op.Convert;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Plans of a net for prediction from any number of threads: each thread takes one for itself. */
final class InferencePlans {
    private static final int IDLE_PLANS = 16;

    private final Network network;
    private final Owner owner;
    /** Plans that no thread is using, the latest first. */
    private final Deque<Entry> idle = new ArrayDeque<>();

    private record Entry(List<Shape> inputs, List<Integer> wanted, Plan plan) {}

    /** @param owner of the net's memory */
    InferencePlans(Network network, Owner owner) {
        this.network = network;
        this.owner = owner;
    }

    /** Copies of the wanted nodes' values. */
    List<Tensor> run(List<Tensor> inputs, List<Integer> wanted) {
        Entry entry = take(inputs.stream().map(Tensor::shape).toList(), wanted);
        try {
            entry.plan.run(inputs.stream().map(x -> Convert.to(Layout.ROW_MAJOR, x)).toArray(Tensor[]::new));
            List<Tensor> copies = new ArrayList<>();
            for (int i = 0; i < wanted.size(); i++) {
                copies.add(entry.plan.output(i).copy());
            }
            return copies;
        } finally {
            give(entry);
        }
    }

    private Entry take(List<Shape> inputs, List<Integer> wanted) {
        synchronized (idle) {
            for (var plans = idle.iterator(); plans.hasNext();) {
                Entry entry = plans.next();
                if (entry.inputs.equals(inputs) && entry.wanted.equals(wanted)) {
                    plans.remove();
                    return entry;
                }
            }
        }
        return new Entry(inputs, wanted, network.compile(inputs, wanted));
    }

    private void give(Entry entry) {
        Entry surplus = null;
        synchronized (idle) {
            idle.addFirst(entry);
            if (idle.size() > IDLE_PLANS || owner.isClosed()) {
                surplus = idle.removeLast();
            }
        }
        if (surplus != null) {
            surplus.plan.close();
        }
    }

    /** Frees the plans that are not in use; the others go when they are given back, as the owner is closed then. */
    void close() {
        List<Entry> plans;
        synchronized (idle) {
            plans = List.copyOf(idle);
            idle.clear();
        }
        plans.forEach(entry -> entry.plan.close());
    }
}

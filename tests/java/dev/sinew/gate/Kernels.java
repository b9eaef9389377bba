package dev.sinew.gate;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/** The kernels' times on one instruction set. */
record Kernels(NativeBench bench, String isa, int threads, double seconds, String machine) implements Part {
    @Override
    public String title() {
        return "kernels, " + isa;
    }

    @Override
    public String file() {
        return isa + ".json";
    }

    @Override
    public double narrowest() {
        return 0.08;
    }

    @Override
    public int repeats() {
        return 3;
    }

    @Override
    public boolean owns(String name) {
        return !name.startsWith(Nets.PREFIX);
    }

    @Override
    public List<Measured> measure(Set<String> names) throws IOException, InterruptedException {
        // a few alone need as many rounds as all, not as much time
        return bench.time(isa, threads, names.isEmpty() ? seconds : Math.min(seconds, names.size()), names);
    }
}

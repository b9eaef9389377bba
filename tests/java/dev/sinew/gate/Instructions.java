package dev.sinew.gate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** How many instructions the kernels execute, by callgrind, on AVX2 (valgrind has no AVX-512): the same number every time. */
record Instructions(NativeBench bench, String machine) implements Part {
    private static final String ISA = "avx2";

    static boolean isPossible() {
        try {
            return new ProcessBuilder("valgrind", "--version").redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String title() {
        return "instructions, " + ISA;
    }

    @Override
    public String file() {
        return "instructions.json";
    }

    @Override
    public double narrowest() {
        return 0.01;
    }

    @Override
    public int repeats() {
        return 1;
    }

    @Override
    public boolean owns(String name) {
        return true;
    }

    @Override
    public List<Measured> measure(Set<String> names) throws IOException, InterruptedException {
        List<Measured> result = new ArrayList<>();
        for (String name : bench.names()) {
            if (names.isEmpty() || names.contains(name)) {
                result.add(parse(name, bench.count(name, ISA)));
            }
        }
        return result;
    }

    /** From the lines of valgrind and of the program under it. */
    static Measured parse(String name, List<String> lines) {
        String shape = "";
        long count = 0;
        for (String line : lines) {
            if (!line.startsWith("==")) {
                shape = line;
            } else if (line.contains("Collected :")) {
                count = Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
            }
        }
        if (count <= 0) {
            throw new IllegalStateException(String.format(Locale.ROOT, "callgrind counted nothing for %s:%n%s", name, String.join("\n", lines)));
        }
        return new Measured(name, shape, ISA, 1, count, Measured.INSTRUCTIONS, Double.NaN, "", count);
    }
}

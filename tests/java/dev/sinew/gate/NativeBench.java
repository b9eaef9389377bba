package dev.sinew.gate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The program gate_bench: kernels alone. */
final class NativeBench {
    private final Path program;

    NativeBench(Path folder) {
        this.program = folder.resolve("gate_bench");
    }

    /** The kind of CPU, for timings. */
    String cpu() throws IOException, InterruptedException {
        return output(List.of(program.toString(), "machine"), null).getFirst().split("\t")[0];
    }

    /** The compiler, for numbers of instructions. */
    String compiler() throws IOException, InterruptedException {
        return output(List.of(program.toString(), "machine"), null).getFirst().split("\t")[1];
    }

    List<String> names() throws IOException, InterruptedException {
        return output(List.of(program.toString(), "names"), null);
    }

    /** Times kernels, or all of them. */
    List<Measured> time(String isa, int threads, double seconds, Set<String> names) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString(), "time", isa, Integer.toString(threads), Double.toString(seconds)));
        command.addAll(names);
        List<String> lines = output(command, null);
        return lines.subList(1, lines.size()).stream().map(line -> Measured.parse(line, isa, threads)).toList();
    }

    /** Runs a kernel in valgrind and returns the lines of both outputs. */
    List<String> count(String name, String isa) throws IOException, InterruptedException {
        return output(List.of("valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=counted_run", "--callgrind-out-file=/dev/null",
                program.toString(), "count", name), isa);
    }

    private static List<String> output(List<String> command, String isa) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // OpenBLAS as everybody gets it
        builder.environment().keySet().removeIf(name -> name.startsWith("OPENBLAS_"));
        if (isa != null) {
            builder.environment().put("SINEW_MAX_ISA", isa);
        }
        Process process = builder.start();
        List<String> lines = process.inputReader().readAllLines();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed:\n" + String.join("\n", lines));
        }
        return lines;
    }
}

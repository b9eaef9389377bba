package dev.sinew.gate;

import dev.sinew.Cpu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The regression gate: fails when a kernel or a net has become slower than its baseline, beyond the noise. System
 * properties {@code bench.native} (the folder of gate_bench), {@code bench.baselines}, {@code bench.out}, and:
 * {@code bench.parts} (of kernels, nets, instructions), {@code bench.threads}, {@code bench.seconds} for each list of
 * kernels, {@code bench.accept}.
 */
final class GateMain {
    static final String ACCEPT = "mvn -Pbench verify -Dbench.accept";

    private GateMain() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> parts = Arrays.asList(System.getProperty("bench.parts", "kernels,nets,instructions").split(","));
        int threads = Integer.getInteger("bench.threads", 1);
        Path target = Path.of(System.getProperty("bench.out"));
        NativeBench bench = new NativeBench(Path.of(System.getProperty("bench.native")));
        Gate gate = new Gate(Path.of(System.getProperty("bench.baselines")), System.out);
        boolean accept = Boolean.getBoolean("bench.accept");
        String cpu = bench.cpu();
        System.out.printf("%s (%s), %s, %d %s%n%n", Cpu.name(), cpu, Cpu.isa(), threads, threads == 1 ? "thread" : "threads");
        for (Part part : parts(parts, bench, cpu, threads)) {
            if (accept) {
                gate.accept(part);
            } else {
                gate.check(part);
            }
        }
        Files.createDirectories(target.getParent());
        Files.writeString(target, Table.json(cpu, gate.rows()));
        if (accept) {
            System.out.println("The baselines are written; commit tests/bench/baselines.");
        } else if (gate.failures().isEmpty()) {
            boolean compared = gate.rows().stream().anyMatch(row -> row.expected() != null);
            System.out.println(compared ? "Nothing has become slower." : "There was nothing to compare with.");
        } else {
            System.out.println("SLOWER than the baseline (if that is intended: " + ACCEPT + "):");
            gate.failures().forEach(failure -> System.out.println("  " + failure));
            System.exit(1);
        }
    }

    private static List<Part> parts(List<String> names, NativeBench bench, String cpu, int threads) throws IOException, InterruptedException {
        double seconds = Double.parseDouble(System.getProperty("bench.seconds", "25"));
        String machine = cpu + ", " + threads + (threads == 1 ? " thread" : " threads");
        List<Part> parts = new ArrayList<>();
        for (String name : names) {
            switch (name) {
                case "kernels" -> {
                    for (Cpu.Isa isa : Cpu.Isa.values()) {
                        if (isa != Cpu.Isa.GENERIC && isa.isAvailable() && isa.compareTo(Cpu.isa()) <= 0) {
                            parts.add(new Kernels(bench, isa.toString(), threads, seconds, machine));
                        }
                    }
                }
                case "nets" -> parts.add(new Nets(Cpu.isa().toString(), threads, Math.min(3, seconds / 8), machine));
                case "instructions" -> {
                    if (Instructions.isPossible()) {
                        parts.add(new Instructions(bench, bench.compiler()));
                    } else {
                        System.out.println("Instructions are not counted: valgrind is not installed (Debian package valgrind).");
                    }
                }
                default -> throw new IllegalArgumentException("bench.parts: there is no part '" + name + "'; choose of kernels, nets, instructions");
            }
        }
        return parts;
    }
}

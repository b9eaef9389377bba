package dev.sinew.app;

import dev.sinew.Cpu;
import dev.sinew.bindings.NativeLibrary;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sinew doctor}. */
@Command(name = "doctor", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        description = "Tell what was found on this machine, and test every kernel on it. Exit code 1 when something is wrong.")
final class DoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    private final List<String> problems = new ArrayList<>();
    private final List<String> hints = new ArrayList<>();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        print(out, "Sinew", Main.version());
        print(out, "Java", Runtime.version() + ", " + System.getProperty("java.home"));
        print(out, "system", System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch")
                + libc());
        try {
            print(out, "native library", NativeLibrary.load().toString());
        } catch (UnsatisfiedLinkError | ExceptionInInitializerError e) {
            print(out, "native library", "cannot be loaded");
            problems.add(e.getMessage() + " Check that the platform is one that this jar was built for, that its libc is not older than"
                    + " glibc 2.34, and that the cache folder's file system allows execution (not mounted noexec).");
            return verdict(out);
        }
        machine(out);
        selfTest(out);
        return verdict(out);
    }

    private void machine(PrintWriter out) {
        print(out, "CPU", Cpu.name());
        print(out, "CPU features", Cpu.features());
        print(out, "detected ISA", Cpu.detectedIsa().toString());
        print(out, "active ISA", Cpu.isa().toString());
        print(out, "caches", cache(1) + ", " + cache(2) + ", " + cache(3) + "; pages of " + size(Cpu.pageBytes()));
        String cap = System.getenv("SINEW_MAX_ISA");
        print(out, "SINEW_MAX_ISA", cap == null ? "not set" : cap);
        if (cap != null && java.util.Arrays.stream(Cpu.Isa.values()).noneMatch(isa -> isa.toString().equals(cap))) {
            problems.add("SINEW_MAX_ISA=" + cap + " is not generic, avx2, avx512 or neon, and was ignored: correct or unset it.");
        } else if (Cpu.isa() != Cpu.detectedIsa()) {
            hints.add("SINEW_MAX_ISA=" + cap + " keeps Sinew from using " + Cpu.detectedIsa() + ": unset it for full speed.");
        } else if (Cpu.detectedIsa() == Cpu.Isa.GENERIC) {
            hints.add("Neither AVX2 with FMA nor AVX-512 was found: everything works, but slowly. In a virtual machine, let it pass the"
                    + " host's CPU features through.");
        }
        print(out, "OpenBLAS", Cpu.openBlasConfig());
        print(out, "OpenBLAS core", Cpu.openBlasCore());
        hintWhenSet("OPENBLAS_CORETYPE", "makes OpenBLAS use that CPU type's kernels: slow when it is an older one, and a crash when"
                + " this CPU lacks its instructions; unset it.");
        hintWhenSet("OPENBLAS_NUM_THREADS", "has no effect: OpenBLAS runs on one thread inside Sinew's own; use --threads.");
        print(out, "CPUs for this process", Integer.toString(Cpu.cpus()));
        print(out, "threads", Integer.toString(Cpu.threads()));
        print(out, "Java memory", String.format("%,d MB at most", Runtime.getRuntime().maxMemory() / 1_000_000));
    }

    private static String cache(int level) {
        long bytes = Cpu.cacheBytes(level);
        return "L" + level + " " + (bytes == 0 ? "unknown" : size(bytes));
    }

    private static String size(long bytes) {
        return bytes % (1 << 20) == 0 ? (bytes >> 20) + " MiB" : (bytes >> 10) + " KiB";
    }

    private void hintWhenSet(String variable, String what) {
        String value = System.getenv(variable);
        if (value != null) {
            hints.add(variable + "=" + value + " " + what);
        }
    }

    private void selfTest(PrintWriter out) {
        Cpu.Isa best = Cpu.Isa.GENERIC;
        boolean wrong = false;
        for (SelfTest.Result result : SelfTest.run()) {
            int good = result.operations() - result.problems().size();
            print(out, "self-test " + result.isa(), good + " of " + result.operations() + " operations agree with the kernels in plain C");
            for (String problem : result.problems()) {
                problems.add("On " + result.isa() + ", " + problem + ".");
            }
            wrong |= !result.problems().isEmpty();
            best = result.problems().isEmpty() ? result.isa() : best;
        }
        if (wrong) {
            hints.add("SINEW_MAX_ISA=" + best + " in the environment avoids the kernels that failed; please report this page.");
        }
    }

    private int verdict(PrintWriter out) {
        for (String problem : problems) {
            out.println("PROBLEM: " + problem);
        }
        for (String hint : hints) {
            out.println("hint: " + hint);
        }
        out.println(problems.isEmpty() ? "Everything works." : problems.size() == 1 ? "1 problem." : problems.size() + " problems.");
        out.flush();
        return problems.isEmpty() ? 0 : Main.FAILED;
    }

    private static void print(PrintWriter out, String what, String value) {
        out.printf("%-22s %s%n", what, value);
        out.flush();
    }

    /** The C library's version, where it is one that tells. */
    private static String libc() {
        try {
            var linker = java.lang.foreign.Linker.nativeLinker();
            var function = linker.defaultLookup().find("gnu_get_libc_version").orElseThrow();
            var text = (java.lang.foreign.MemorySegment) linker.downcallHandle(function,
                    java.lang.foreign.FunctionDescriptor.of(java.lang.foreign.ValueLayout.ADDRESS)).invokeExact();
            return ", glibc " + text.reinterpret(32).getString(0);
        } catch (Throwable e) {
            return "";
        }
    }
}

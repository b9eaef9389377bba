package dev.sinew.fuzz;

import com.code_intelligence.jazzer.Jazzer;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Looks for inputs that a target cannot bear, each target in a JVM of its own for a given time, and counts what was tried.
 * System properties {@code fuzz.sources} (this package's folder), {@code fuzz.out} (what is written; what was learned there
 * is gone on from), {@code fuzz.seconds} for each target, {@code fuzz.target} (the start of a class's or method's name).
 */
final class FuzzMain {
    private static final Pattern COUNT = Pattern.compile("stat::number_of_executed_units: (\\d+)");
    private static final int SMALLEST_LIMIT = 8192;

    private FuzzMain() {}

    private record Target(Class<?> type, Method method) {
        String name() {
            return type.getSimpleName() + "." + method.getName();
        }
    }

    /** How often a target was called, and what was found: "", or why it was stopped. */
    private record Outcome(long executions, String found) {}

    public static void main(String[] args) throws IOException, InterruptedException, ReflectiveOperationException {
        Path sources = Path.of(System.getProperty("fuzz.sources")).toAbsolutePath();
        Path out = Path.of(System.getProperty("fuzz.out")).toAbsolutePath();
        int seconds = Integer.getInteger("fuzz.seconds", 60);
        List<Target> targets = targets(sources, System.getProperty("fuzz.target", "").toLowerCase(Locale.ROOT));
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("-Dfuzz.target=" + System.getProperty("fuzz.target") + " names none of "
                    + targets(sources, "").stream().map(Target::name).toList());
        }
        StringBuilder table = new StringBuilder("target\tseconds\texecutions\tfound\n");
        boolean sound = true;
        for (Target target : targets) {
            Outcome outcome = run(target, sources, out, seconds);
            System.out.printf("%-34s %,12d executions in %d s  %s%n", target.name(), outcome.executions, seconds,
                    outcome.found.isEmpty() ? "nothing found" : outcome.found);
            table.append(target.name()).append('\t').append(seconds).append('\t').append(outcome.executions).append('\t').append(outcome.found).append('\n');
            sound &= outcome.found.isEmpty();
            Files.writeString(out.resolve("executions.tsv"), table);
        }
        System.exit(sound ? 0 : 1);
    }

    private static List<Target> targets(Path sources, String wanted) throws IOException, ReflectiveOperationException {
        List<Target> targets = new ArrayList<>();
        try (Stream<Path> files = Files.list(sources)) {
            for (Path file : files.filter(f -> f.toString().endsWith("FuzzTest.java")).sorted().toList()) {
                Class<?> type = Class.forName(FuzzMain.class.getPackageName() + "." + file.getFileName().toString().replace(".java", ""));
                for (Method method : type.getDeclaredMethods()) {
                    if (method.isAnnotationPresent(FuzzTest.class) && Stream.of(type.getSimpleName(), method.getName())
                            .anyMatch(name -> name.toLowerCase(Locale.ROOT).startsWith(wanted))) {
                        targets.add(new Target(type, method));
                    }
                }
            }
        }
        targets.sort(Comparator.comparing(Target::name));
        return targets;
    }

    private static Outcome run(Target target, Path sources, Path out, int seconds) throws IOException, InterruptedException {
        Path inputs = sources.resolve(target.type.getSimpleName() + "Inputs").resolve(target.method.getName());
        Path folder = Files.createDirectories(out.resolve(target.name()));
        Path learned = Files.createDirectories(folder.resolve("corpus"));
        Path findings = Files.createDirectories(folder.resolve("findings"));
        Path log = folder.resolve("log.txt");
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1200m",
                "--enable-native-access=ALL-UNNAMED", "-XX:+EnableDynamicAgentLoading", "-Djava.awt.headless=true",
                "-cp", System.getProperty("java.class.path"), Jazzer.class.getName(),
                "--target_class=" + target.type.getName(), "--target_method=" + target.method.getName(),
                "--instrumentation_includes=dev.sinew.**", "--reproducer_path=" + findings,
                learned.toString()));
        if (Files.isDirectory(inputs)) {
            command.add(inputs.toString());
        }
        command.addAll(List.of("-artifact_prefix=" + findings + "/", "-max_total_time=" + seconds, "-print_final_stats=1", "-timeout=20",
                "-rss_limit_mb=3000", "-max_len=" + Math.max(SMALLEST_LIMIT, largest(inputs))));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().remove("JAZZER_FUZZ");
        Process process = builder.start();
        boolean ended = process.waitFor(seconds + 300L, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        String text = Files.readString(log, StandardCharsets.ISO_8859_1);
        long executions = COUNT.matcher(text).results().mapToLong(match -> Long.parseLong(match.group(1))).sum();
        if (ended && process.exitValue() == 0) {
            return new Outcome(executions, executions > 0 ? "" : "nothing was executed, see " + log);
        }
        Optional<String> why = text.lines().filter(line -> line.startsWith("== Java Exception") || line.contains("ERROR: libFuzzer")).findFirst();
        return new Outcome(executions, (ended ? why.orElse("exit status " + process.exitValue()) : "did not end") + ", see " + folder);
    }

    private static long largest(Path inputs) throws IOException {
        if (!Files.isDirectory(inputs)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(inputs)) {
            return files.mapToLong(file -> file.toFile().length()).max().orElse(0);
        }
    }
}

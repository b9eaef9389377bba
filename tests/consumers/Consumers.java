import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Builds the projects of this folder as a new user would, with a local Maven repository that is empty and the artifacts
 * that were just built, and fails when one of them does not train: {@code java Consumers.java ROOT VERSION OUT [PROJECT...]}.
 */
final class Consumers {
    private static final List<String> ARTIFACTS = List.of("bindings", "bindings/natives", "bindings/natives/linux-x86_64",
            "bindings/natives/linux-arm64", "bindings/natives/macosx-x86_64", "bindings/natives/macosx-arm64",
            "bindings/natives/windows-x86_64", "java/core");
    private static final Pattern ACCURACY = Pattern.compile("accuracy ([0-9.]+)");
    private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

    private Consumers() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Path root = Path.of(args[0]).toAbsolutePath().normalize();
        String version = args[1];
        Path out = Path.of(args[2]).toAbsolutePath().normalize();
        delete(out);
        Path published = Files.createDirectories(out.resolve("published"));
        publish(published, "sinew", version, root);
        for (String module : ARTIFACTS) {
            publish(published, "sinew-" + module.replace("bindings/natives/", "natives/").replace("bindings/", "").replace("java/", "").replace('/', '-'),
                    version, root.resolve(module));
        }
        Path settings = out.resolve("settings.xml");
        Files.writeString(settings, """
                <settings><profiles><profile><id>published</id><repositories><repository>
                <id>published</id><url>%s</url><snapshots><enabled>true</enabled></snapshots>
                </repository></repositories></profile></profiles>
                <activeProfiles><activeProfile>published</activeProfile></activeProfiles></settings>
                """.formatted(published.toUri()));
        boolean sound = true;
        for (Path project : projects(root.resolve("tests/consumers"), List.of(args).subList(3, args.length))) {
            Path copy = out.resolve(project.getFileName().toString());
            copy(project, copy);
            sound &= build(copy, settings, out, version);
        }
        System.exit(sound ? 0 : 1);
    }

    /** Puts a module's POM, and its jar where it has one, where a repository would have them. */
    private static void publish(Path published, String artifact, String version, Path module) throws IOException {
        Path folder = Files.createDirectories(published.resolve("dev/sinew").resolve(artifact).resolve(version));
        String name = artifact + "-" + version;
        Files.copy(module.resolve("pom.xml"), folder.resolve(name + ".pom"));
        if (!Files.readString(module.resolve("pom.xml")).contains("<packaging>pom</packaging>")) {
            Files.copy(module.resolve("target").resolve(name + ".jar"), folder.resolve(name + ".jar"));
        }
    }

    private static List<Path> projects(Path folder, List<String> wanted) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> Files.isRegularFile(file.resolve("pom.xml")))
                    .filter(file -> wanted.isEmpty() || wanted.contains(file.getFileName().toString())).sorted().toList();
        }
    }

    private static boolean build(Path project, Path settings, Path out, String version) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(WINDOWS ? List.of("cmd", "/c", "mvn") : List.of("mvn"));
        command.addAll(List.of("-B", "-q", "-s", settings.toString(), "-Dmaven.repo.local=" + out.resolve("repository"),
                "-Dsinew.version=" + version, "-Dnative.module=" + module(), "package"));
        ProcessBuilder builder = new ProcessBuilder(command).directory(project.toFile()).redirectErrorStream(true)
                .redirectOutput(project.resolve("log.txt").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().merge("PATH", Path.of(System.getProperty("java.home"), "bin").toString(), (path, bin) -> bin + File.pathSeparator + path);
        builder.environment().put("XDG_CACHE_HOME", out.resolve("cache").toString());
        long start = System.nanoTime();
        int status = builder.start().waitFor();
        String log = Files.readString(project.resolve("log.txt"));
        int programs = Files.readString(project.resolve("pom.xml")).split("<id>run").length - 1;
        List<String> accuracies = ACCURACY.matcher(log).results().map(match -> match.group(1)).toList();
        boolean sound = status == 0 && accuracies.size() == programs
                && accuracies.stream().allMatch(accuracy -> Double.parseDouble(accuracy) > 0.8);
        System.out.printf("%-10s %s in %d s, accuracy %s%n", project.getFileName(), sound ? "works" : "FAILS",
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start), accuracies);
        if (!sound) {
            System.out.println(log);
        }
        return sound;
    }

    /** This platform as the modules' names have it, such as {@code linux.x86_64}. */
    private static String module() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch");
        return (os.startsWith("linux") ? "linux" : os.startsWith("mac") ? "macosx" : "windows") + "." + (arch.equals("aarch64") ? "arm64" : "x86_64");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}

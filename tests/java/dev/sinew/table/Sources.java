package dev.sinew.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the project's sources say about themselves. */
final class Sources {
    private static final Pattern CODE = Pattern.compile("Sinew\\.(SN_OP_\\w+)\\(\\)");
    private static final Pattern CASE = Pattern.compile("case (SN_OP_\\w+): return (sn_\\w+)\\(");
    private static final Pattern KERNEL = Pattern.compile("\\b(sn_\\w+?)__(generic|avx2|avx512|neon|openblas)\\b");
    private static final Pattern FIRST_SENTENCE = Pattern.compile("/\\*\\*[\\s*]+(.*?(?<!al)[.:;])(?:\\s|\\*/|$)", Pattern.DOTALL);

    private final Path root;
    /** From operation codes to C functions. */
    private final Map<String, String> functions = new TreeMap<>();
    /** From folders below native/src to the text of all their files. */
    private final Map<String, String> folders = new TreeMap<>();
    private final Map<String, String> nativeTests;

    /** A C function with what there is for it. */
    record Function(String name, String folder, TreeSet<String> isas, List<String> tests) {}

    Sources() throws IOException {
        root = Path.of(System.getProperty("sinew.golden", "tests/golden/data")).toAbsolutePath().resolve("../../..").normalize();
        Matcher cases = CASE.matcher(Files.readString(root.resolve("native/src/core/run.c")));
        while (cases.find()) {
            functions.putIfAbsent(cases.group(1), cases.group(2)); // those of the workspace follow later
        }
        try (var list = Files.list(root.resolve("native/src"))) {
            for (Path folder : list.filter(Files::isDirectory).sorted().toList()) {
                folders.put(folder.getFileName().toString(), String.join("\n", texts(folder, ".c").values()) + String.join("\n", texts(folder, ".inc").values()));
            }
        }
        nativeTests = texts(root.resolve("tests/native"), ".c");
    }

    Path root() {
        return root;
    }

    /** File names without extension, and texts. */
    private static Map<String, String> texts(Path folder, String extension) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        if (!Files.isDirectory(folder)) {
            return texts;
        }
        try (var list = Files.list(folder)) {
            for (Path file : list.filter(f -> f.toString().endsWith(extension)).toList()) {
                String name = file.getFileName().toString();
                texts.put(name.substring(0, name.length() - extension.length()), Files.readString(file));
            }
        }
        return texts;
    }

    /** The Java sources of a package, by class. */
    Map<String, String> java(String module, String name) {
        try {
            return texts(root.resolve(module).resolve("dev/sinew").resolve(name), ".java");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String operation(String type) {
        return java("java/core/src/main/java", "op").getOrDefault(type, "");
    }

    /** The first sentence of a type's description. */
    static String summary(String source) {
        int type = source.indexOf("\npublic ");
        int comment = type < 0 ? -1 : source.lastIndexOf("/**", type);
        Matcher sentence = FIRST_SENTENCE.matcher(comment < 0 ? "" : source.substring(comment, type));
        if (!sentence.find()) {
            return "";
        }
        String text = sentence.group(1).replaceAll("\\n\\s*\\*\\s?", " ").replaceAll("\\{@(?:link|code)\\s+#?([^}]*)}", "$1").strip();
        return text.replaceAll("[:;]$", ".").replace("|", "\\|");
    }

    /** The C functions that an operation calls. */
    List<Function> functions(String type) {
        List<Function> found = new ArrayList<>();
        Matcher codes = CODE.matcher(operation(type));
        TreeSet<String> seen = new TreeSet<>();
        while (codes.find()) {
            String name = functions.get(codes.group(1));
            if (name == null) {
                throw new AssertionError(type + " uses " + codes.group(1) + ", which native/src/core/run.c does not know");
            }
            if (seen.add(name)) {
                found.add(function(name));
            }
        }
        return found;
    }

    private Function function(String name) {
        String folder = folders.entrySet().stream().filter(e -> e.getValue().contains("sn_status " + name + "("))
                .map(Map.Entry::getKey).findFirst().orElseThrow(() -> new AssertionError("no folder of native/src defines " + name));
        List<String> tests = nativeTests.entrySet().stream().filter(e -> e.getValue().contains(name + "(")).map(Map.Entry::getKey).toList();
        return new Function(name, folder, isas(folder, name), tests);
    }

    /** Of the kernels whose names share the last word of the function's where there are such for AVX, else of all of the folder. */
    private TreeSet<String> isas(String folder, String function) {
        String last = function.substring(function.lastIndexOf('_') + 1);
        TreeSet<String> own = new TreeSet<>();
        TreeSet<String> all = new TreeSet<>();
        Matcher matcher = KERNEL.matcher(folders.get(folder));
        while (matcher.find()) {
            all.add(matcher.group(2));
            if (matcher.group(1).contains("_" + last)) {
                own.add(matcher.group(2));
            }
        }
        return own.contains("avx2") ? own : all;
    }

    /** Which of the sources contain a match. */
    static List<String> containing(Map<String, String> sources, String regex) {
        Pattern pattern = Pattern.compile(regex);
        return sources.entrySet().stream().filter(e -> pattern.matcher(e.getValue()).find()).map(Map.Entry::getKey).toList();
    }
}

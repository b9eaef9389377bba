import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Adds the libraries that are no Maven artifacts to the list of contents of a jar that carries them (CycloneDX, JSON):
 * {@code java Bom.java BOM NATIVES OPENBLAS_VERSION PLATFORM...}, where NATIVES has a folder with an index for each platform.
 * A platform that is not there has nothing to add. A file that is not known here is an error.
 */
final class Bom {
    private static final String COMPONENTS = "\n  \"components\" : [";
    private static final String DEPENDENCIES = "\n  \"dependencies\" : [";
    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64}) [ *](\\S+)");

    /** What a library is, and under which licence. */
    private record Work(String pattern, String name, String description, String license, String source) {}

    private static final String GCC = "https://gcc.gnu.org";
    private static final List<Work> WORKS = List.of(
            new Work("libopenblas\\b.*", "OpenBLAS", "Matrix products", "BSD-3-Clause", "https://www.openblas.net"),
            new Work("libgfortran\\b.*?(\\d+).*", "libgfortran", "GNU Fortran run-time library, for OpenBLAS",
                    "GPL-3.0-or-later WITH GCC-exception-3.1", GCC),
            new Work("libquadmath\\b.*?(\\d+).*", "libquadmath", "GCC library of quadruple precision, for libgfortran", "LGPL-2.1-or-later", GCC),
            new Work("libgcc_s\\b.*?(\\d+).*", "libgcc_s", "GCC low-level run-time library, for libgfortran",
                    "GPL-3.0-or-later WITH GCC-exception-3.1", GCC));

    private Bom() {}

    public static void main(String[] args) throws IOException {
        Path bom = Path.of(args[0]);
        List<String> added = new ArrayList<>();
        for (String platform : Arrays.asList(args).subList(3, args.length)) {
            Path index = Path.of(args[1], platform, "index");
            if (Files.exists(index)) {
                for (String line : Files.readAllLines(index)) {
                    component(line, platform, args[2], added);
                }
            }
        }
        if (!added.isEmpty()) {
            Files.writeString(bom, insert(Files.readString(bom), String.join(",\n", added)));
        }
    }

    /** A list without components has none of that name. */
    private static String insert(String text, String added) {
        return text.contains(COMPONENTS) ? replaceOnce(text, COMPONENTS, COMPONENTS + "\n" + added + ",")
                : replaceOnce(text, DEPENDENCIES, COMPONENTS + "\n" + added + "\n  ]," + DEPENDENCIES);
    }

    private static String replaceOnce(String text, String from, String to) {
        int at = text.indexOf(from);
        if (at < 0 || text.indexOf(from, at + 1) >= 0) {
            throw new IllegalStateException(from.strip() + " is not there once, in the form that is written now: adapt Bom.java");
        }
        return text.substring(0, at) + to + text.substring(at + from.length());
    }

    private static void component(String line, String platform, String openblas, List<String> added) {
        Matcher fields = LINE.matcher(line);
        if (!fields.matches()) {
            throw new IllegalStateException("index of " + platform + ": \"" + line + "\" is no SHA-256 and name");
        }
        String file = fields.group(2);
        if (file.matches("(lib)?sinew\\.(so|dylib|dll)")) {
            return; // what the list is of
        }
        Work work = WORKS.stream().filter(w -> file.matches(w.pattern())).findFirst()
                .orElseThrow(() -> new IllegalStateException(file + " of " + platform + " is carried, and Bom.java does not know it"));
        boolean artifact = work.name().equals("OpenBLAS");
        String version = artifact ? openblas.replaceFirst("-.*", "") : file.replaceFirst(work.pattern(), "$1");
        String purl = artifact ? "pkg:maven/org.bytedeco/openblas@" + openblas + "?classifier=" + platform + "&type=jar"
                : "pkg:generic/" + work.name() + "@" + version;
        added.add("""
                    {
                      "type" : "library",
                      "bom-ref" : "%1$s/%2$s",
                      "name" : "%3$s",
                      "version" : "%4$s",
                      "description" : "%5$s",
                      "hashes" : [ { "alg" : "SHA-256", "content" : "%6$s" } ],
                      "licenses" : [ { "expression" : "%7$s" } ],
                      "purl" : "%8$s",
                      "externalReferences" : [ { "type" : "website", "url" : "%9$s" } ],
                      "properties" : [ { "name" : "sinew:file", "value" : "dev/sinew/native/%1$s/%2$s" } ]
                    }""".formatted(platform, file, work.name(), version, work.description(), fields.group(1), work.license(), purl,
                work.source()).indent(4).stripTrailing());
    }
}

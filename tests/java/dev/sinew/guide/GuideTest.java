package dev.sinew.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What README and the guides show is compiled and run, each page as one program, in a folder with some pictures. Blocks
 * {@code ```java} are statements, {@code ```java declarations} members; comments {@code <!-- java ... -->} and
 * {@code <!-- java declarations ... -->} are parts of the program that the reader does not see.
 */
@DisabledIfEnvironmentVariable(named = "SINEW_MAX_ISA", matches = "avx.*", disabledReason = "it does not depend on it")
class GuideTest {
    private static final Path ROOT = Path.of(System.getProperty("sinew.golden", "tests/golden/data")).toAbsolutePath().resolve("../../..").normalize();
    private static final Pattern PART = Pattern.compile("(?ms)^(?:```|<!-- )java( declarations)?\\R(.*?)^(?:```|-->)");
    private static final Pattern FENCE = Pattern.compile("(?m)^```java");
    /** A path of the repository: it has a folder that is one of the top level. */
    private static final Pattern FILE = Pattern.compile("`((?:native|bindings|java|tests)/[A-Za-z0-9_./-]+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");

    static Stream<Path> pages() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve("java/guide"))) {
            return Stream.concat(Stream.of(ROOT.resolve("README.md")), files.filter(f -> f.toString().endsWith(".md")).sorted().toList().stream());
        }
    }

    static Stream<Path> programs() throws IOException {
        return pages().filter(page -> FENCE.matcher(read(page)).find());
    }

    @ParameterizedTest
    @MethodSource("programs")
    void runs(Path page, @TempDir Path folder) throws IOException, InterruptedException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        compile(page, classes);
        Path work = Files.createDirectories(folder.resolve("work"));
        pictures(work.resolve("photos"));
        penguins(work.resolve("penguins.csv"));
        Path output = folder.resolve("output.txt");
        Stream<String> properties = System.getProperties().stringPropertyNames().stream().filter(name -> name.startsWith("sinew."))
                .map(name -> "-D" + name + "=" + System.getProperty(name));
        List<String> command = Stream.of(Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-Djava.awt.headless=true"), properties,
                Stream.of("-cp", classes + File.pathSeparator + absoluteClassPath(), "Program")).flatMap(s -> s).toList();
        Process process = new ProcessBuilder(command).directory(work.toFile()).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        boolean ended = process.waitFor(180, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended && process.exitValue() == 0).as(Files.readString(output)).isTrue();
        assertThat(Files.readString(output)).isNotBlank();
    }

    /** The files that a page names are there, but for those that a build makes. */
    @ParameterizedTest
    @MethodSource("pages")
    void namesWhatIsThere(Path page) {
        String text = read(page);
        List<Path> named = new ArrayList<>();
        FILE.matcher(text).results().forEach(found -> named.add(ROOT.resolve(found.group(1))));
        named.removeIf(file -> file.toString().contains("target"));
        LINK.matcher(text).results().forEach(found -> named.add(page.resolveSibling(found.group(1))));
        assertThat(named).allSatisfy(file -> assertThat(file).exists());
    }

    private static void compile(Path page, Path classes) throws IOException {
        StringBuilder members = new StringBuilder();
        StringBuilder statements = new StringBuilder();
        Matcher parts = PART.matcher(read(page));
        while (parts.find()) {
            (parts.group(1) != null ? members : statements).append(parts.group(2)).append('\n');
        }
        String program = imports() + "class Program {\nvoid main() throws Exception {\n" + statements + "}\n" + members + "}\n";
        var source = new SimpleJavaFileObject(classes.resolve("Program.java").toUri(), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return program;
            }
        };
        StringWriter messages = new StringWriter();
        List<String> options = List.of("-d", classes.toString(), "-proc:none", "-cp", absoluteClassPath());
        assertThat(ToolProvider.getSystemJavaCompiler().getTask(messages, null, null, options, null, List.of(source)).call())
                .as(page + ": " + messages).isTrue();
    }

    /** What {@code import module} brings: here the modules lie on the class path, where only packages can be named. */
    private static String imports() throws IOException {
        StringBuilder imports = new StringBuilder("import module java.base;\nimport module java.net.http;\n");
        for (String module : List.of("core", "files", "models")) {
            Matcher exports = Pattern.compile("(?m)^\\s*exports ([a-z.]+);").matcher(read(ROOT.resolve("java/" + module + "/src/main/java/module-info.java")));
            imports.append(exports.results().map(found -> "import " + found.group(1) + ".*;\n").collect(Collectors.joining()));
        }
        return imports.toString();
    }

    private static String absoluteClassPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Circles and squares in colours and places of their own, and one damaged file. */
    private static void pictures(Path folder) throws IOException {
        Random random = new Random(1);
        for (String kind : List.of("circle", "square")) {
            Files.createDirectories(folder.resolve(kind));
            for (int i = 0; i < 80; i++) {
                BufferedImage image = new BufferedImage(100, 100, BufferedImage.TYPE_INT_RGB);
                Graphics2D pen = image.createGraphics();
                pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
                pen.setColor(Color.getHSBColor(random.nextFloat(), 0.5f, 0.4f));
                pen.fillRect(0, 0, 100, 100);
                pen.setColor(Color.getHSBColor(random.nextFloat(), 0.6f, 1));
                int size = 45 + random.nextInt(20);
                int x = 8 + random.nextInt(84 - size);
                int y = 8 + random.nextInt(84 - size);
                if (kind.equals("circle")) {
                    pen.fillOval(x, y, size, size);
                } else {
                    pen.fillRect(x, y, size, size);
                }
                pen.dispose();
                ImageIO.write(image, "png", folder.resolve(kind).resolve(i + ".png").toFile());
            }
        }
        Files.writeString(folder.resolve("circle/damaged.png"), "no picture");
    }

    /** Three species that differ by their measures; some are missing. */
    private static void penguins(Path file) throws IOException {
        Random random = new Random(2);
        StringBuilder text = new StringBuilder("species,island,bill,flipper,mass\n");
        String[] species = {"Adelie", "Chinstrap", "Gentoo"};
        String[] islands = {"Biscoe", "Dream", "Torgersen"};
        for (int i = 0; i < 150; i++) {
            int s = i % 3;
            text.append(species[s]).append(',').append(islands[random.nextInt(3)]).append(',').append(38 + 5 * s + random.nextGaussian()).append(',')
                    .append(random.nextInt(20) == 0 ? "" : Double.toString(190 + 12 * s + 3 * random.nextGaussian())).append(',')
                    .append(3600 + 600 * s + 200 * random.nextGaussian()).append('\n');
        }
        Files.writeString(file, text);
    }
}

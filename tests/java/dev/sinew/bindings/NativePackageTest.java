package dev.sinew.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;

/** What the jars of the platforms ship, of as many platforms as were built. */
@DisabledIfEnvironmentVariable(named = "SINEW_MAX_ISA", matches = "avx.*", disabledReason = "it does not depend on it")
class NativePackageTest {
    private static final long LARGEST_JAR = 30_000_000;
    /** It is loaded only where the system has none of its own. */
    private static final Map<String, String> OTHER_BASELINE = Map.of("libgcc_s.so.1", "2.35");
    /** What every Linux with the GNU C library has. */
    private static final String SYSTEM = "(libc|libm|libdl|librt|libpthread)\\.so\\.\\d+|ld-linux-.*";

    private static byte[] read(String name) throws IOException {
        try (InputStream in = NativeLibrary.class.getResourceAsStream("/" + name)) {
            return in == null ? null : in.readAllBytes();
        }
    }

    /** The files of a platform by name; none where it was not built. */
    private static List<String> files(String platform) throws IOException {
        byte[] index = read("dev/sinew/native/" + platform + "/index");
        return index == null ? List.of() : new String(index, StandardCharsets.UTF_8).lines().map(line -> line.substring(66)).toList();
    }

    private static List<String> built() throws IOException {
        List<String> built = new ArrayList<>();
        for (String platform : Platform.SUPPORTED) {
            if (!files(platform).isEmpty()) {
                built.add(platform);
            }
        }
        assumeTrue(!built.isEmpty(), "no jar with libraries here");
        return built;
    }

    @Test
    void runsWithTheOldestGlibcPromised() throws IOException {
        for (String platform : built().stream().filter(name -> name.startsWith("linux-")).toList()) {
            List<String> files = files(platform);
            for (String file : files) {
                Elf elf = Elf.of(read("dev/sinew/native/" + platform + "/" + file));
                String oldest = OTHER_BASELINE.getOrDefault(file, Platform.GLIBC);
                assertThat(Elf.compare(elf.glibc(), oldest)).as("%s of %s needs glibc %s, promised is %s", file, platform, elf.glibc(), oldest)
                        .isNotPositive();
                assertThat(elf.glibc()).as("%s needs some glibc", file).isNotEqualTo("0");
                assertThat(elf.needed()).as("what %s of %s needs", file, platform).isNotEmpty()
                        .allMatch(name -> files.contains(name) || name.matches(SYSTEM));
            }
        }
    }

    @Test
    void whatIsShippedIsNoticed() throws IOException, URISyntaxException {
        for (String platform : built()) {
            String index = "dev/sinew/native/" + platform + "/index";
            String jar = NativeLibrary.class.getResource("/" + index).toString().replace(index, "META-INF/");
            String notice = text(jar + "NOTICE");
            List<String> files = files(platform);
            assertThat(files.getFirst()).contains("sinew");
            for (String file : files) {
                assertThat(notice.toLowerCase(Locale.ROOT)).as("NOTICE about %s", file).contains(file.replaceAll("^lib|[.-].*", ""));
            }
            for (String license : List.of("LICENSE", "licenses/GPL-3.0.txt", "licenses/LGPL-2.1.txt", "licenses/GCC-exception-3.1.txt")) {
                assertThat(text(jar + license)).as(license).isNotEmpty();
            }
        }
    }

    private static String text(String url) throws IOException, URISyntaxException {
        try (InputStream in = new URI(url).toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void jarsAreSmall() throws IOException {
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (path.contains("sinew-natives-") && path.endsWith(".jar")) {
                assertThat(Files.size(Path.of(path))).as(path).isLessThanOrEqualTo(LARGEST_JAR);
            }
        }
    }

    @Test
    void versionsAreNumbers() {
        assertThat(Elf.compare("2.4", "2.34")).isNegative();
        assertThat(Elf.compare("2.35", "2.34")).isPositive();
        assertThat(Elf.compare("2.2.5", "2.34")).isNegative();
        assertThat(new Elf(List.of(), List.of("GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.4", "GCC_3.0", "GLIBC_PRIVATE")).glibc()).isEqualTo("2.17");
    }
}

package dev.sinew.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class LauncherTest {
    private static final int JAVA_8 = 52;

    @Test
    void isForJava8() throws Exception {
        try (var in = new DataInputStream(Launcher.class.getResourceAsStream("Launcher.class"))) {
            assertThat(in.readInt()).isEqualTo(0xCAFEBABE);
            assertThat(in.readInt()).isEqualTo(JAVA_8);
        }
    }

    @Test
    void anOldJavaIsTold() throws Exception {
        Path java = oldJava();
        Assumptions.assumeTrue(java != null, "no older Java is installed");
        Path classes = Path.of(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Process process = new ProcessBuilder(java.toString(), "-cp", classes.toString(), "dev.sinew.app.Launcher", "train").start();
        String err = new String(process.getErrorStream().readAllBytes());
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(err.lines()).hasSize(1);
        assertThat(err).contains("Sinew needs Java 25 or newer").contains("this is Java " + feature(java));
        assertThat(process.getInputStream().readAllBytes()).isEmpty();
    }

    private static Path oldJava() throws Exception {
        Path home = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(home)) {
            return null;
        }
        try (var folders = Files.list(home)) {
            return folders.map(folder -> folder.resolve("bin/java")).filter(Files::isExecutable)
                    .filter(java -> List.of("8", "11", "17", "21").contains(feature(java))).findFirst().orElse(null);
        }
    }

    /** From the file that every JDK has in its folder; empty when it has none. */
    private static String feature(Path java) {
        try {
            return Files.readAllLines(java.getParent().resolveSibling("release")).stream().filter(line -> line.startsWith("JAVA_VERSION="))
                    .map(line -> line.replaceAll("JAVA_VERSION=\"(1\\.)?(\\d+).*", "$2")).findFirst().orElse("");
        } catch (java.io.IOException e) {
            return "";
        }
    }
}

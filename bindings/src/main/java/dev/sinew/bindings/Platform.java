package dev.sinew.bindings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The platforms that there are libraries for, and which of them this is. */
public final class Platform {
    /** What libraries are built for: the names of their folders in the jars, {@code <os>-<arch>}. */
    public static final List<String> SUPPORTED = List.of("linux-x86_64", "linux-arm64", "macosx-x86_64", "macosx-arm64", "windows-x86_64");
    /** The oldest GNU C library that the Linux libraries run with. */
    public static final String GLIBC = "2.34";

    private Platform() {}

    /** This platform's name, such as {@code linux-x86_64}; it may be one that is not supported. */
    public static String name() {
        return name(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    static String name(String os, String arch) {
        String system = os.toLowerCase(Locale.ROOT);
        String cpu = arch.toLowerCase(Locale.ROOT);
        String systemName = system.startsWith("linux") ? "linux" : system.startsWith("mac") ? "macosx"
                : system.startsWith("windows") ? "windows" : system.replace(' ', '_');
        return systemName + "-" + switch (cpu) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm64";
            default -> cpu;
        };
    }

    /** One sentence that says why this platform has no library and which ones have; null where it has one. */
    static String refusal() {
        return refusal(name(), mappedFiles());
    }

    /** {@code maps}: the files that the process has in its memory, as in Linux's {@code /proc/self/maps}. */
    static String refusal(String platform, String maps) {
        String why;
        if (!SUPPORTED.contains(platform)) {
            why = "there is no native library for " + platform;
        } else if (platform.startsWith("linux-") && (maps.contains("/ld-musl-") || maps.contains("/libc.musl-"))) {
            why = "this Java runs on musl, and the native library needs the GNU C library";
        } else {
            return null;
        }
        return why + "; supported are " + String.join(", ", SUPPORTED) + ", on Linux with glibc " + GLIBC + " or newer";
    }

    private static String mappedFiles() {
        try {
            return Files.readString(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1);
        } catch (IOException | RuntimeException e) {
            return ""; // not Linux
        }
    }
}

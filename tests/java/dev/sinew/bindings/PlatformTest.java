package dev.sinew.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlatformTest {
    private static final String GLIBC_MAPS = """
            7f2c1c000000-7f2c1c021000 rw-p 00000000 00:00 0
            7f2c20a28000-7f2c20a4e000 r--p 00000000 fe:00 1443  /usr/lib/x86_64-linux-gnu/libc.so.6
            """;
    private static final String MUSL_MAPS = """
            7f0d5a8f0000-7f0d5a904000 r--p 00000000 00:2f 5512  /lib/ld-musl-x86_64.so.1
            """;

    @Test
    void namesOfPlatforms() {
        Map<List<String>, String> names = Map.of(List.of("Linux", "amd64"), "linux-x86_64", List.of("Linux", "aarch64"), "linux-arm64",
                List.of("Mac OS X", "x86_64"), "macosx-x86_64", List.of("Mac OS X", "aarch64"), "macosx-arm64",
                List.of("Windows 11", "amd64"), "windows-x86_64", List.of("Windows Server 2025", "amd64"), "windows-x86_64");
        names.forEach((machine, name) -> {
            assertThat(Platform.name(machine.get(0), machine.get(1))).isEqualTo(name);
            assertThat(Platform.SUPPORTED).contains(name);
            assertThat(Platform.refusal(name, GLIBC_MAPS)).isNull();
        });
        assertThat(Platform.refusal()).as("this machine").isNull();
    }

    @Test
    void otherPlatformsAreRefusedInOneSentence() {
        for (List<String> machine : List.of(List.of("Linux", "riscv64"), List.of("Linux", "i386"), List.of("FreeBSD", "amd64"),
                List.of("Windows 11", "aarch64"), List.of("Linux", "s390x"), List.of("AIX", "ppc64"))) {
            String name = Platform.name(machine.get(0), machine.get(1));
            assertThat(Platform.refusal(name, "")).isEqualTo("there is no native library for " + name + "; supported are linux-x86_64, "
                    + "linux-arm64, macosx-x86_64, macosx-arm64, windows-x86_64, on Linux with glibc 2.34 or newer");
        }
    }

    @Test
    void muslIsRefused() {
        for (String maps : List.of(MUSL_MAPS, GLIBC_MAPS + MUSL_MAPS, "7f00-7f01 r-xp 0 00:00 1 /lib/libc.musl-aarch64.so.1\n")) {
            assertThat(Platform.refusal("linux-x86_64", maps)).startsWith("this Java runs on musl").contains("supported are linux-x86_64");
        }
        assertThat(Platform.refusal("macosx-arm64", MUSL_MAPS)).isNull();
    }

    @Test
    void hints() {
        assertThat(NativeLibrary.hint("libsinew.so: failed to map segment from shared object")).contains("noexec");
        assertThat(NativeLibrary.hint("/lib/libc.so.6: version `GLIBC_2.34' not found")).contains("2.34 or newer");
        assertThat(NativeLibrary.hint("no such file")).isEmpty();
    }
}

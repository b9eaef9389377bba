package dev.sinew.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When unpacked libraries are loaded without being read again. */
class NativeCacheTest {
    @TempDir
    private Path cache;
    private Path folder;
    private List<NativeCache.Entry> index;

    @BeforeEach
    void unpack() throws IOException {
        assumeTrue(cache.getFileSystem().supportedFileAttributeViews().contains("posix"));
        mode(cache, "rwx------");
        folder = Files.createDirectory(cache.resolve("libraries"));
        mode(folder, "rwx------");
        Files.writeString(folder.resolve("a.so"), "first");
        Files.writeString(folder.resolve("b.so"), "second");
        index = List.of(entry("a.so", "first"), entry("b.so", "second"));
    }

    private static NativeCache.Entry entry(String name, String content) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
            return new NativeCache.Entry(HexFormat.of().formatHex(hash), name);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static void mode(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void onlyCheckedFilesAreTrusted() throws IOException {
        assertThat(NativeCache.isTrusted(folder, index)).isFalse();
        assertThat(NativeCache.intact(folder, index)).isTrue();
        assertThat(NativeCache.isTrusted(folder, index)).isTrue();
        assertThat(NativeCache.isTrusted(folder, List.of(index.getFirst(), entry("b.so", "third!")))).as("another jar").isFalse();
        assertThat(NativeCache.isTrusted(cache.resolve("none"), index)).isFalse();
        assertThat(NativeCache.intact(cache.resolve("none"), index)).isFalse();
    }

    @Test
    void changedFilesAreReadAgain() throws IOException {
        assertThat(NativeCache.intact(folder, index)).isTrue();
        Path file = folder.resolve("b.so");
        FileTime time = Files.getLastModifiedTime(file);
        Files.setLastModifiedTime(file, FileTime.fromMillis(time.toMillis() + 5000));
        assertThat(NativeCache.isTrusted(folder, index)).as("touched").isFalse();
        assertThat(NativeCache.intact(folder, index)).as("but the same").isTrue();
        assertThat(NativeCache.isTrusted(folder, index)).isTrue();
        Files.writeString(file, "longer than it was");
        Files.setLastModifiedTime(file, FileTime.fromMillis(time.toMillis() + 5000));
        assertThat(NativeCache.isTrusted(folder, index)).as("of another size").isFalse();
        assertThat(NativeCache.intact(folder, index)).isFalse();
        Files.delete(file);
        assertThat(NativeCache.isTrusted(folder, index)).as("deleted").isFalse();
        assertThat(NativeCache.intact(folder, index)).isFalse();
    }

    /** Where others can write, they could put files and the note there. */
    @Test
    void foldersThatOthersCanWriteToAreNotTrusted() throws IOException {
        assertThat(NativeCache.intact(folder, index)).isTrue();
        for (Path path : List.of(folder, cache)) {
            for (String permissions : List.of("rwx-w----", "rwxrwxr-x", "rwx----w-")) {
                mode(path, permissions);
                assertThat(NativeCache.isTrusted(folder, index)).as("%s %s", path, permissions).isFalse();
                mode(path, "rwxr-xr-x");
                assertThat(NativeCache.isTrusted(folder, index)).isTrue();
            }
        }
    }

    @Test
    void filesElsewhereAreNotTrusted() throws IOException {
        assertThat(NativeCache.intact(folder, index)).isTrue();
        Path file = folder.resolve("b.so");
        Path moved = Files.move(file, cache.resolve("b.so"));
        Files.createSymbolicLink(file, moved);
        assertThat(NativeCache.isTrusted(folder, index)).isFalse();
        assertThat(NativeCache.intact(folder, index)).isFalse();
    }

    /** Only where a test can make a folder somebody else's: as root. */
    @Test
    void foldersOfAnotherUserAreNotTrusted() throws IOException {
        assertThat(NativeCache.intact(folder, index)).isTrue();
        assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0));
        for (Path path : List.of(folder, cache)) {
            Files.setAttribute(path, "unix:uid", 65534);
            assertThat(NativeCache.isTrusted(folder, index)).as("%s", path).isFalse();
            Files.setAttribute(path, "unix:uid", 0);
            assertThat(NativeCache.isTrusted(folder, index)).isTrue();
        }
    }

    private static NativeCache.Source contents(String... contents) {
        return name -> new ByteArrayInputStream(contents[name.charAt(0) - 'a'].getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void damagedFilesAreReplaced() throws IOException {
        Path target = NativeCache.unpack(index, contents("first", "second"), cache);
        assertThat(target.getParent()).isEqualTo(cache);
        assertThat(target.resolve("b.so")).hasContent("second");
        Files.writeString(target.resolve("b.so"), "something else");
        Files.delete(target.resolve("a.so"));
        assertThat(NativeCache.unpack(index, contents("first", "second"), cache)).isEqualTo(target);
        assertThat(target.resolve("a.so")).hasContent("first");
        assertThat(target.resolve("b.so")).hasContent("second");
        assertThatThrownBy(() -> NativeCache.unpack(List.of(entry("a.so", "x")), contents("first"), cache)).isInstanceOf(IOException.class)
                .hasMessageContaining("do not have the sums");
        try (var left = Files.list(cache)) {
            assertThat(left).containsExactlyInAnyOrder(folder, target);
        }
    }

    /** All see whole folders at any time, and nobody takes away what another one has been given. */
    @Test
    void manyAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
            for (int round = 0; round < 30; round++) {
                Path place = Files.createDirectory(cache.resolve("round" + round));
                List<Future<String>> all = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    all.add(threads.submit(() -> {
                        Path target = NativeCache.unpack(index, contents("first", "second"), place);
                        Object key = Files.readAttributes(target, BasicFileAttributes.class).fileKey();
                        assertThat(NativeCache.intact(target, index)).isTrue();
                        return key.toString();
                    }));
                }
                Set<String> folders = new HashSet<>();
                for (Future<String> one : all) {
                    folders.add(one.get());
                }
                assertThat(folders).as("one folder for all").hasSize(1);
                try (var left = Files.list(place)) {
                    assertThat(left).hasSize(1);
                }
            }
        }
    }
}

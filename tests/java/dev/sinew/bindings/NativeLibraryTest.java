package dev.sinew.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When unpacked libraries are loaded without being read again. */
class NativeLibraryTest {
    @TempDir
    private Path cache;
    private Path folder;
    private List<NativeLibrary.Entry> index;

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

    private static NativeLibrary.Entry entry(String name, String content) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
            return new NativeLibrary.Entry(HexFormat.of().formatHex(hash), name);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static void mode(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void onlyCheckedFilesAreTrusted() throws IOException {
        assertThat(NativeLibrary.isTrusted(folder, index)).isFalse();
        assertThat(NativeLibrary.intact(folder, index)).isTrue();
        assertThat(NativeLibrary.isTrusted(folder, index)).isTrue();
        assertThat(NativeLibrary.isTrusted(folder, List.of(index.getFirst(), entry("b.so", "third!")))).as("another jar").isFalse();
        assertThat(NativeLibrary.isTrusted(cache.resolve("none"), index)).isFalse();
        assertThat(NativeLibrary.intact(cache.resolve("none"), index)).isFalse();
    }

    @Test
    void changedFilesAreReadAgain() throws IOException {
        assertThat(NativeLibrary.intact(folder, index)).isTrue();
        Path file = folder.resolve("b.so");
        FileTime time = Files.getLastModifiedTime(file);
        Files.setLastModifiedTime(file, FileTime.fromMillis(time.toMillis() + 5000));
        assertThat(NativeLibrary.isTrusted(folder, index)).as("touched").isFalse();
        assertThat(NativeLibrary.intact(folder, index)).as("but the same").isTrue();
        assertThat(NativeLibrary.isTrusted(folder, index)).isTrue();
        Files.writeString(file, "longer than it was");
        Files.setLastModifiedTime(file, FileTime.fromMillis(time.toMillis() + 5000));
        assertThat(NativeLibrary.isTrusted(folder, index)).as("of another size").isFalse();
        assertThat(NativeLibrary.intact(folder, index)).isFalse();
        Files.delete(file);
        assertThat(NativeLibrary.isTrusted(folder, index)).as("deleted").isFalse();
        assertThat(NativeLibrary.intact(folder, index)).isFalse();
    }

    /** Where others can write, they could put files and the note there. */
    @Test
    void foldersThatOthersCanWriteToAreNotTrusted() throws IOException {
        assertThat(NativeLibrary.intact(folder, index)).isTrue();
        for (Path path : List.of(folder, cache)) {
            for (String permissions : List.of("rwx-w----", "rwxrwxr-x", "rwx----w-")) {
                mode(path, permissions);
                assertThat(NativeLibrary.isTrusted(folder, index)).as("%s %s", path, permissions).isFalse();
                mode(path, "rwxr-xr-x");
                assertThat(NativeLibrary.isTrusted(folder, index)).isTrue();
            }
        }
    }

    @Test
    void filesElsewhereAreNotTrusted() throws IOException {
        assertThat(NativeLibrary.intact(folder, index)).isTrue();
        Path file = folder.resolve("b.so");
        Path moved = Files.move(file, cache.resolve("b.so"));
        Files.createSymbolicLink(file, moved);
        assertThat(NativeLibrary.isTrusted(folder, index)).isFalse();
        assertThat(NativeLibrary.intact(folder, index)).isFalse();
    }

    /** Only where a test can make a folder somebody else's: as root. */
    @Test
    void foldersOfAnotherUserAreNotTrusted() throws IOException {
        assertThat(NativeLibrary.intact(folder, index)).isTrue();
        assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0));
        for (Path path : List.of(folder, cache)) {
            Files.setAttribute(path, "unix:uid", 65534);
            assertThat(NativeLibrary.isTrusted(folder, index)).as("%s", path).isFalse();
            Files.setAttribute(path, "unix:uid", 0);
            assertThat(NativeLibrary.isTrusted(folder, index)).isTrue();
        }
    }
}

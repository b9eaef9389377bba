package dev.sinew.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * Finds and loads libsinew, once per process.
 *
 * <p>With {@code -Dsinew.native.path=FOLDER} the library of that folder is loaded. Otherwise the libraries that the jar
 * carries under {@code /dev/sinew/native/<platform>/} are unpacked, together, into a folder named by their content's
 * SHA-256 below {@code -Dsinew.native.cache} (default: {@code $XDG_CACHE_HOME/sinew}, {@code ~/.cache/sinew}, or the
 * temporary folder, the first that can be written), and every file is checked against its hash before it is loaded.
 */
public final class NativeLibrary {
    private static final String RESOURCES = "/dev/sinew/native/";
    private static volatile Path loadedFrom;

    private NativeLibrary() {}

    /** Loads the library, or returns at once when it is loaded already. Throws UnsatisfiedLinkError with every place that was tried. */
    public static synchronized Path load() {
        if (loadedFrom == null) {
            Path library = locate();
            link(library);
            loadedFrom = library;
        }
        return loadedFrom;
    }

    private static void link(Path library) {
        try {
            System.load(library.toString());
        } catch (IllegalCallerException e) {
            throw new UnsatisfiedLinkError("Sinew needs native access: start Java with --enable-native-access="
                    + (NativeLibrary.class.getModule().isNamed() ? "dev.sinew.bindings,dev.sinew" : "ALL-UNNAMED"));
        } catch (UnsatisfiedLinkError e) {
            throw failure("could not load " + library + ": " + e.getMessage(), List.of(library.toString()));
        }
        int version = Sinew.sn_abi_version();
        if (version != Sinew.SN_ABI_VERSION()) {
            throw failure("the library has interface version " + version + ", these classes need "
                    + Sinew.SN_ABI_VERSION(), List.of(library.toString()));
        }
    }

    private static Path locate() {
        String override = System.getProperty("sinew.native.path");
        if (override != null) {
            Path given = Path.of(override).toAbsolutePath();
            Path file = Files.isDirectory(given) ? given.resolve(System.mapLibraryName("sinew")) : given;
            if (!Files.isRegularFile(file)) {
                throw failure("-Dsinew.native.path=" + override + " holds no library", List.of(file.toString()));
            }
            return file;
        }
        String folder = RESOURCES + platform() + "/";
        List<Entry> index = readIndex(folder);
        List<String> tried = new ArrayList<>();
        for (Path cache : caches()) {
            try {
                return unpack(folder, index, cache).resolve(System.mapLibraryName("sinew"));
            } catch (IOException | UncheckedIOException e) {
                tried.add(cache + " (" + e + ")");
            }
        }
        throw failure("could not unpack the library; name a folder that can be written and executed from with"
                + " -Dsinew.native.cache", tried);
    }

    /** A packaged file and its SHA-256 in hexadecimal. */
    private record Entry(String hash, String name) {}

    private static List<Entry> readIndex(String folder) {
        try (InputStream in = NativeLibrary.class.getResourceAsStream(folder + "index")) {
            if (in == null) {
                throw failure("no native library for this platform in the jar", List.of("jar:" + folder));
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines()
                    .map(line -> new Entry(line.substring(0, 64), line.substring(64).strip())).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> caches() {
        List<Path> caches = new ArrayList<>();
        String chosen = System.getProperty("sinew.native.cache");
        if (chosen != null) {
            return List.of(Path.of(chosen).toAbsolutePath());
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        if (xdg != null && !xdg.isBlank()) {
            caches.add(Path.of(xdg, "sinew"));
        }
        caches.add(Path.of(System.getProperty("user.home"), ".cache", "sinew"));
        caches.add(Path.of(System.getProperty("java.io.tmpdir"), "sinew-" + System.getProperty("user.name")));
        return caches;
    }

    private static Path unpack(String folder, List<Entry> index, Path cache) throws IOException {
        StringBuilder all = new StringBuilder();
        index.forEach(entry -> all.append(entry.hash).append(entry.name).append('\n'));
        Path target = cache.resolve(HexFormat.of().formatHex(sha256().digest(all.toString().getBytes(StandardCharsets.UTF_8)), 0, 16));
        if (intact(target, index)) {
            return target;
        }
        boolean posix = cache.getFileSystem().supportedFileAttributeViews().contains("posix");
        Files.createDirectories(cache);
        Path temporary = posix
                ? Files.createTempDirectory(cache, "unpack", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")))
                : Files.createTempDirectory(cache, "unpack");
        try {
            for (Entry entry : index) {
                try (InputStream in = NativeLibrary.class.getResourceAsStream(folder + entry.name)) {
                    if (in == null) {
                        throw new IOException("the jar lacks " + folder + entry.name);
                    }
                    Files.copy(in, temporary.resolve(entry.name));
                }
            }
            if (!intact(temporary, index)) {
                throw new IOException("the files in the jar do not have the sums that its index states");
            }
            if (Files.exists(target)) {
                delete(target); // damaged, or another process was faster: then the next line fails and its folder is checked
            }
            try {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                throw e;
            } catch (FileSystemException e) {
                if (!intact(target, index)) {
                    throw e;
                }
            }
            return target;
        } finally {
            delete(temporary);
        }
    }

    private static boolean intact(Path folder, List<Entry> index) throws IOException {
        for (Entry entry : index) {
            Path file = folder.resolve(entry.name);
            if (!Files.isRegularFile(file)) {
                return false;
            }
            MessageDigest digest = sha256();
            byte[] buffer = new byte[1 << 18];
            try (InputStream in = Files.newInputStream(file)) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    digest.update(buffer, 0, n);
                }
            }
            if (!HexFormat.of().formatHex(digest.digest()).equals(entry.hash)) {
                return false;
            }
        }
        return true;
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** {@code linux-x86_64}, {@code macosx-arm64}, ...: the folder name of this platform's libraries. */
    public static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String osName = os.startsWith("linux") ? "linux" : os.startsWith("mac") ? "macosx" : os.startsWith("windows") ? "windows" : os.replace(' ', '_');
        String archName = switch (arch) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm64";
            default -> arch;
        };
        return osName + "-" + archName;
    }

    private static UnsatisfiedLinkError failure(String what, List<String> tried) {
        return new UnsatisfiedLinkError("Sinew: " + what + ". Platform: " + System.getProperty("os.name") + " "
                + System.getProperty("os.version") + " " + System.getProperty("os.arch") + ", Java "
                + Runtime.version() + ". Tried: " + String.join(", ", tried)
                + ". -Dsinew.native.path=FOLDER names a folder with the libraries.");
    }
}

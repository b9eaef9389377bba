package dev.sinew.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Finds and loads libsinew, once per process.
 *
 * <p>With {@code -Dsinew.native.path=FOLDER} the library of that folder is loaded. Otherwise the libraries that the jar
 * carries under {@code /dev/sinew/native/<platform>/} are unpacked, together, into a folder named after their content's
 * SHA-256 below {@code -Dsinew.native.cache} (default: {@code $XDG_CACHE_HOME/sinew}, {@code ~/.cache/sinew}, or the
 * temporary folder, the first that can be written), and every file is checked against its hash before it is loaded. Later
 * starts trust a note of that check while only this user can write to the folder and the files have the sizes and times
 * that they had then.
 */
public final class NativeLibrary {
    private static final String RESOURCES = "/dev/sinew/native/";
    /** Says when and how the files beside it were found to be what the jar holds. */
    private static final String NOTE = "verified";
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
    record Entry(String hash, String name) {}

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
        Path target = cache.resolve(name(index));
        if (isTrusted(target, index) || intact(target, index)) {
            return target;
        }
        boolean posix = cache.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (posix) {
            Files.createDirectories(cache, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(cache);
        }
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

    /** 32 digits that other files would hardly have: the hashes one over the other. (To hash them takes the JVM 20 ms at first.) */
    private static String name(List<Entry> index) {
        long high = 0;
        long low = 0;
        for (Entry entry : index) {
            high = Long.rotateLeft(high, 1) ^ Long.parseUnsignedLong(entry.hash, 0, 16, 16);
            low = Long.rotateLeft(low, 1) ^ Long.parseUnsignedLong(entry.hash, 16, 32, 16);
        }
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }

    /**
     * Whether the files have been checked before and cannot have been changed since by anybody but this user: the folder
     * and the one around it are the user's own and writable for nobody else, and every file is what the note says. Without
     * a way to know that, false.
     */
    static boolean isTrusted(Path folder, List<Entry> index) {
        try {
            Path real = folder.toRealPath();
            UserPrincipal user = real.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(System.getProperty("user.name"));
            return isOwn(real, user) && isOwn(real.getParent(), user) && real.getFileName().equals(folder.getFileName())
                    && Files.readString(real.resolve(NOTE)).equals(note(real, index));
        } catch (IOException | RuntimeException e) {
            return false; // no such folder or note, or a system without owners: the hashes decide
        }
    }

    private static boolean isOwn(Path folder, UserPrincipal user) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return attributes.isDirectory() && attributes.owner().equals(user) && !attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
                && !attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE);
    }

    /** What is known of the files without reading them: hash, name, size and time of the last change of each. */
    private static String note(Path folder, List<Entry> index) throws IOException {
        StringBuilder note = new StringBuilder();
        for (Entry entry : index) {
            BasicFileAttributes file = Files.readAttributes(folder.resolve(entry.name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!file.isRegularFile()) {
                throw new IOException(folder.resolve(entry.name) + " is no file");
            }
            note.append(entry.hash).append(' ').append(entry.name).append(' ').append(file.size()).append(' ')
                    .append(file.lastModifiedTime().to(TimeUnit.NANOSECONDS)).append('\n');
        }
        return note.toString();
    }

    /** Whether every file has its hash; if so, that is noted. */
    static boolean intact(Path folder, List<Entry> index) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        for (Entry entry : index) {
            if (!Files.isRegularFile(folder.resolve(entry.name), LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
        }
        String note = note(folder, index); // before the files are read: a later change is one since then
        for (Entry entry : index) {
            MessageDigest digest = sha256();
            byte[] buffer = new byte[1 << 18];
            try (InputStream in = Files.newInputStream(folder.resolve(entry.name))) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    digest.update(buffer, 0, n);
                }
            }
            if (!HexFormat.of().formatHex(digest.digest()).equals(entry.hash)) {
                return false;
            }
        }
        writeNote(folder, note);
        return true;
    }

    /** Complete or not at all; without it the next start reads the files again, that is all. */
    private static void writeNote(Path folder, String note) {
        try {
            Path written = Files.createTempFile(folder, NOTE, null);
            Files.writeString(written, note);
            Files.move(written, folder.resolve(NOTE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            // a folder that cannot be written to
        }
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

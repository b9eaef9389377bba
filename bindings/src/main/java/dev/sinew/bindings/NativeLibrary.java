package dev.sinew.bindings;

import dev.sinew.bindings.NativeCache.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds and loads libsinew, once per class loader.
 *
 * <p>With {@code -Dsinew.native.path=FOLDER} the library of that folder is loaded. Otherwise the libraries that the jar
 * {@code sinew-natives-<platform>} carries under {@code /dev/sinew/native/<platform>/} are unpacked below
 * {@code -Dsinew.native.cache} (default: {@code $XDG_CACHE_HOME/sinew}, {@code ~/.cache/sinew}, or the temporary folder, the
 * first that can be written and loaded from), see {@link NativeCache}.
 */
public final class NativeLibrary {
    private static final String RESOURCES = "dev/sinew/native/";
    private static volatile Path loadedFrom;

    private NativeLibrary() {}

    /** Loads the library, or returns at once when it is loaded already. Throws UnsatisfiedLinkError with every place that was tried. */
    public static synchronized Path load() {
        if (loadedFrom == null) {
            String override = System.getProperty("sinew.native.path");
            Path library = override != null ? loadGiven(override) : loadPackaged(Platform.name());
            int version = Sinew.sn_abi_version();
            if (version != Sinew.SN_ABI_VERSION()) {
                throw failure("the library has interface version " + version + ", these classes need "
                        + Sinew.SN_ABI_VERSION(), List.of(library.toString()));
            }
            loadedFrom = library;
        }
        return loadedFrom;
    }

    static boolean isLoaded() {
        return loadedFrom != null;
    }

    /**
     * Has the JVM make what the first calls need, which takes it long: to be run on another thread while there is other work.
     * The library is loaded where an earlier start has unpacked it, or it need not be.
     */
    public static void prepareCalls() {
        if (Platform.refusal() != null) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            for (FunctionDescriptor function : firstCalls()) {
                Linker.nativeLinker().downcallHandle(function);
            }
            Sinew.SYMBOL_LOOKUP.find("sn_run");
            MemorySegment call = sn_call.allocate(arena);
            sn_call.code(call, 0);
            sn_call.args(call, call);
            sn_permute_args.layout(); // the first with arrays
            if (isUnpacked()) {
                load();
                Sinew.sn_free(Sinew.sn_alloc(1));
                Sinew.sn_workspace_bytes(Sinew.SN_OP_FILL(), call);
                Sinew.sn_run(call, 0, -1, MemorySegment.NULL);
            }
        } catch (RuntimeException | LinkageError e) {
            // who loads the library is told
        }
    }

    /** Whether loading is mere reading, and not the check of everything that the jar holds. */
    private static boolean isUnpacked() {
        if (System.getProperty("sinew.native.path") != null) {
            return true;
        }
        List<Entry> index = readIndex(Platform.name(), RESOURCES + Platform.name() + "/");
        return NativeCache.isTrusted(NativeCache.folder(caches().getFirst(), index), index);
    }

    /** What sn_abi_version, sn_alloc, sn_workspace_bytes, sn_run and sn_free take and return, known without the library. */
    static List<FunctionDescriptor> firstCalls() {
        return List.of(FunctionDescriptor.of(Sinew.C_INT), FunctionDescriptor.of(Sinew.C_POINTER, Sinew.C_LONG),
                FunctionDescriptor.of(Sinew.C_LONG, Sinew.C_INT, Sinew.C_POINTER),
                FunctionDescriptor.of(Sinew.C_INT, Sinew.C_POINTER, Sinew.C_LONG, Sinew.C_INT, Sinew.C_POINTER),
                FunctionDescriptor.ofVoid(Sinew.C_POINTER));
    }

    private static Path loadGiven(String override) {
        Path given = Path.of(override).toAbsolutePath();
        Path file = Files.isDirectory(given) ? given.resolve(System.mapLibraryName("sinew")) : given;
        if (!Files.isRegularFile(file)) {
            throw failure("-Dsinew.native.path=" + override + " holds no library", List.of(file.toString()));
        }
        try {
            return link(file);
        } catch (UnsatisfiedLinkError e) {
            throw failure("the library that -Dsinew.native.path names could not be loaded" + hint(e.getMessage()),
                    List.of(file + " (" + e.getMessage() + ")"));
        }
    }

    private static Path loadPackaged(String platform) {
        String refusal = Platform.refusal();
        if (refusal != null) {
            throw failure(refusal, List.of());
        }
        String folder = RESOURCES + platform + "/";
        List<Entry> index = readIndex(platform, folder);
        List<String> tried = new ArrayList<>();
        String hint = "";
        for (Path cache : caches()) {
            try {
                // the index names libsinew first
                return link(NativeCache.unpack(index, name -> open(folder + name), cache).resolve(index.getFirst().name()));
            } catch (IOException | UncheckedIOException e) {
                tried.add(cache + " (" + e + ")");
            } catch (UnsatisfiedLinkError e) {
                tried.add(cache + " (" + e.getMessage() + ")");
                hint = hint(e.getMessage());
            }
        }
        throw failure("could not unpack and load the library" + hint + "; name a folder that can be written and executed from with"
                + " -Dsinew.native.cache", tried);
    }

    /** What the system's words for a failure mean. */
    static String hint(String message) {
        return message.contains("failed to map segment") ? ": the folder lies on a file system that is mounted noexec"
                : message.contains("GLIBC_") ? ": the GNU C library is too old, " + Platform.GLIBC + " or newer is needed" : "";
    }

    /** Loads a file, with those beside it that it needs and the system lacks. Returns the file loaded in the end. */
    private static Path link(Path library) {
        try {
            loadWithCompanions(library, new HashSet<>(Set.of(library)));
            return library;
        } catch (IllegalCallerException e) {
            throw new UnsatisfiedLinkError("Sinew needs native access: start Java with --enable-native-access="
                    + (NativeLibrary.class.getModule().isNamed() ? "dev.sinew.bindings,dev.sinew" : "ALL-UNNAMED"));
        } catch (UnsatisfiedLinkError e) {
            if (!isOfAnotherLoader(e)) {
                throw e;
            }
            return linkAgain(library);
        }
    }

    private static void loadWithCompanions(Path library, Set<Path> tried) {
        while (true) {
            try {
                System.load(library.toString());
                return;
            } catch (UnsatisfiedLinkError e) {
                if (isOfAnotherLoader(e) || !loadCompanions(library, String.valueOf(e.getMessage()), tried)) {
                    throw e;
                }
            }
        }
    }

    /** Loads the files of the same folder that an error names; Windows names none: all. Whether there were any. */
    private static boolean loadCompanions(Path library, String message, Set<Path> tried) {
        boolean windows = Platform.name().startsWith("windows");
        boolean more = false;
        try (Stream<Path> files = Files.list(library.getParent())) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if ((windows ? name.endsWith(".dll") : message.contains(name)) && tried.add(file)) {
                    try {
                        loadWithCompanions(file, tried);
                        more = true;
                    } catch (UnsatisfiedLinkError e) {
                        more |= isOfAnotherLoader(e); // else the error of what needs it is the one to tell
                    }
                }
            }
        } catch (IOException e) {
            return more;
        }
        return more;
    }

    private static boolean isOfAnotherLoader(UnsatisfiedLinkError e) {
        return String.valueOf(e.getMessage()).contains("already loaded in another classloader");
    }

    /**
     * The JVM gives a file to one class loader only; another one gets the same library under another name, which the system
     * sees to be the same: the process has one libsinew and one set of threads.
     */
    private static Path linkAgain(Path library) {
        for (int number = 2; ; number++) {
            Path other = library.resolveSibling(number + "-" + library.getFileName());
            try {
                try {
                    Files.createLink(other, library);
                } catch (FileAlreadyExistsException e) {
                    if (!Files.isSameFile(other, library)) {
                        continue;
                    }
                }
                System.load(other.toString());
                return other;
            } catch (IOException | UnsupportedOperationException e) {
                throw failure("another class loader has loaded the library, and its folder takes no second name for it; have both use the"
                        + " classes of one class loader, or name a folder that can be written to with -Dsinew.native.cache",
                        List.of(other + " (" + e + ")"));
            } catch (UnsatisfiedLinkError e) {
                if (!isOfAnotherLoader(e)) {
                    throw e;
                }
            }
        }
    }

    private static List<Entry> readIndex(String platform, String folder) {
        try (InputStream in = open(folder + "index")) {
            if (in == null) {
                List<String> found = new ArrayList<>();
                for (String other : Platform.SUPPORTED) {
                    try (InputStream index = open(RESOURCES + other + "/index")) {
                        if (index != null) {
                            found.add(other);
                        }
                    }
                }
                throw failure("no native library for " + platform + " among the jars, which have "
                        + (found.isEmpty() ? "none" : String.join(", ", found)) + "; add dev.sinew:sinew-natives-" + platform
                        + ", in an image of jlink --add-modules dev.sinew.natives." + platform.replace('-', '.'), List.of(folder + "index"));
            }
            List<Entry> index = new ArrayList<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                index.add(new Entry(line.substring(0, 64), line.substring(64).strip()));
            }
            return index;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of the class path, of this class loader's modules, or of any module of the layer that says it carries libraries. */
    private static InputStream open(String name) throws IOException {
        InputStream in = NativeLibrary.class.getClassLoader().getResourceAsStream(name);
        ModuleLayer layer = NativeLibrary.class.getModule().getLayer();
        if (in == null && layer != null) {
            for (NativeFiles files : ServiceLoader.load(layer, NativeFiles.class)) {
                in = files.getClass().getModule().getResourceAsStream(name);
                if (in != null) {
                    break;
                }
            }
        }
        return in;
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

    private static UnsatisfiedLinkError failure(String what, List<String> tried) {
        return new UnsatisfiedLinkError("Sinew: " + what + ". Platform: " + System.getProperty("os.name") + " "
                + System.getProperty("os.version") + " " + System.getProperty("os.arch") + ", Java "
                + Runtime.version() + (tried.isEmpty() ? "" : ". Tried: " + String.join(", ", tried))
                + ". -Dsinew.native.path=FOLDER names a folder with the libraries.");
    }
}

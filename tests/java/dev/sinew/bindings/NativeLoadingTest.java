package dev.sinew.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** The packaged library is loaded, or it is said why not, wherever a program may run. */
@DisabledIfEnvironmentVariable(named = "SINEW_MAX_ISA", matches = "avx.*", disabledReason = "it does not depend on it")
class NativeLoadingTest {
    private static final List<Path> CLASS_PATH = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).map(Path::of).toList();
    private static final String PREPARE = "-Dsinew.test.prepare=true";
    @TempDir
    private Path folder;

    private record Result(int status, String output) {}

    @BeforeAll
    static void theLibraryIsPackaged() throws IOException {
        try (InputStream index = NativeLibrary.class.getResourceAsStream("/dev/sinew/native/" + Platform.name() + "/index")) {
            assumeTrue(index != null, "no jar with the library among " + CLASS_PATH);
        }
    }

    @Test
    void thePreparedCallsAreTheFirstOnes() {
        NativeLibrary.prepareCalls();
        NativeLibrary.load();
        assertThat(NativeLibrary.firstCalls()).containsExactly(Sinew.sn_abi_version$descriptor(), Sinew.sn_alloc$descriptor(),
                Sinew.sn_workspace_bytes$descriptor(), Sinew.sn_run$descriptor(), Sinew.sn_free$descriptor());
    }

    /** Commands that need no library must not wait for one to be unpacked, nor leave half of one behind. */
    @Test
    void preparingUnpacksNothingButLoadsWhatIsUnpacked() throws IOException, InterruptedException {
        Path cache = folder.resolve("cache");
        assertThat(run(List.of(), cache(cache), PREPARE).output).isEqualTo("prepared false\n");
        assertThat(cache).doesNotExist();
        assertThat(run(List.of(), cache(cache)).output).startsWith("loaded");
        assertThat(run(List.of(), cache(cache), PREPARE).output).isEqualTo("prepared true\n");
        Path library = unpacked(cache).getFirst();
        assertThat(run(List.of(), "-Dsinew.native.path=" + library, PREPARE).output).isEqualTo("prepared true\n");
        assertThat(run(List.of(), "-Dsinew.native.path=" + folder.resolve("none"), PREPARE).output).isEqualTo("prepared false\n");
        Files.writeString(library.resolve("verified"), "by somebody else");
        assertThat(run(List.of(), cache(cache), PREPARE).output).as("files that first have to be read").isEqualTo("prepared false\n");
    }

    private Process start(List<String> prefix, List<Path> classPath, Map<String, String> environment, String... options) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
                "--illegal-native-access=deny", "-Xshare:auto", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)), LoadMain.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("XDG_CACHE_HOME");
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Result result(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), output);
    }

    private Result run(List<String> prefix, String... options) throws IOException, InterruptedException {
        return result(start(prefix, CLASS_PATH, Map.of(), options));
    }

    private String cache(Path path) {
        return "-Dsinew.native.cache=" + path;
    }

    /** A shell that runs what follows it with a file system of its own, where the machine allows that. */
    private static List<String> mounted(String mount) throws IOException, InterruptedException {
        List<String> shell = List.of("unshare", "--map-root-user", "--mount", "sh", "-c", mount + " && exec \"$@\"", "sh");
        boolean possible;
        try {
            possible = new ProcessBuilder(Stream.concat(shell.stream(), Stream.of("true")).toList()).redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            possible = false;
        }
        assumeTrue(possible, "no mount name spaces here");
        return shell;
    }

    private List<Path> unpacked(Path cache) throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.toList();
        }
    }

    @Test
    void processesThatStartTogether() throws IOException, InterruptedException {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            processes.add(start(List.of(), CLASS_PATH, Map.of(), cache(folder)));
        }
        for (Process process : processes) {
            assertThat(result(process).output).startsWith("loaded " + folder).endsWith("true\n");
        }
        assertThat(unpacked(folder)).as("one folder, and nothing left over").hasSize(1);
    }

    /** Two applications of one server: each class loader has classes of its own, the process has one library. */
    @Test
    void severalClassLoaders() throws Exception {
        String before = System.getProperty("sinew.native.cache");
        System.setProperty("sinew.native.cache", folder.toString());
        List<URLClassLoader> loaders = new ArrayList<>();
        try {
            List<Path> loaded = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                URL[] urls = new URL[CLASS_PATH.size()];
                for (int j = 0; j < urls.length; j++) {
                    urls[j] = CLASS_PATH.get(j).toUri().toURL();
                }
                URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
                loaders.add(loader);
                Method load = loader.loadClass(NativeLibrary.class.getName()).getMethod("load");
                loaded.add((Path) load.invoke(null));
                assertThat(load.invoke(null)).isEqualTo(loaded.getLast());
                assertThat((int) loader.loadClass(Sinew.class.getName()).getMethod("sn_isa_active").invoke(null)).isNotNegative();
            }
            assertThat(loaded).doesNotHaveDuplicates();
            for (Path path : loaded) {
                assertThat(Files.isSameFile(path, loaded.getFirst())).as("%s", path).isTrue();
            }
        } finally {
            if (before == null) {
                System.clearProperty("sinew.native.cache");
            } else {
                System.setProperty("sinew.native.cache", before);
            }
            for (URLClassLoader loader : loaders) {
                loader.close();
            }
        }
    }

    @Test
    void readOnlyFileSystem() throws IOException, InterruptedException {
        Path filled = Files.createDirectory(folder.resolve("filled"));
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThat(run(List.of(), cache(filled)).output).startsWith("loaded");
        List<String> readOnly = mounted("mount --bind '" + folder + "' '" + folder + "' && mount -o remount,bind,ro '" + folder + "'");
        assertThat(run(readOnly, cache(filled)).output).as("a cache that was filled before").startsWith("loaded " + filled);
        Result refused = run(readOnly, cache(empty));
        assertThat(refused.status).isNotZero();
        assertThat(refused.output).contains("could not unpack and load the library", empty.toString(), "Read-only file system",
                "-Dsinew.native.cache", "-Dsinew.native.path=FOLDER");
        Path libraries = unpacked(filled).getFirst();
        assertThat(run(readOnly, "-Dsinew.native.path=" + libraries).output).startsWith("loaded " + libraries);
    }

    @Test
    void fileSystemWithoutExecution() throws IOException, InterruptedException {
        Path home = Files.createDirectory(folder.resolve("home"));
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        List<String> noexec = mounted("mount -t tmpfs -o noexec,size=100m none '" + home + "'");
        Result refused = run(noexec, cache(home));
        assertThat(refused.status).isNotZero();
        assertThat(refused.output).contains("mounted noexec", home.toString(), "-Dsinew.native.cache", "-Dsinew.native.path=FOLDER");
        assertThat(run(noexec, "-Duser.home=" + home, "-Djava.io.tmpdir=" + temporary).output).as("the next place is taken")
                .startsWith("loaded " + temporary);
    }

    /** Those that come with a compiler's run time are not everywhere; the jar has them. */
    @Test
    void librariesThatTheSystemLacks() throws IOException, InterruptedException {
        Path libraries = Path.of("/usr/lib/" + System.getProperty("os.arch").replace("amd64", "x86_64") + "-linux-gnu");
        assumeTrue(Files.isDirectory(libraries), "no Debian");
        Path upper = Files.createDirectory(folder.resolve("upper"));
        Path work = Files.createDirectory(folder.resolve("work"));
        List<String> bare = mounted("mount -t overlay none -o lowerdir=" + libraries + ",upperdir=" + upper + ",workdir=" + work + " " + libraries
                + " && rm -f " + libraries + "/libquadmath.so* " + libraries + "/libgcc_s.so* " + libraries + "/libgfortran.so*");
        Path cache = Files.createDirectory(folder.resolve("cache"));
        assertThat(run(bare, cache(cache)).output).startsWith("loaded " + cache).endsWith("true\n");
    }

    @Test
    void theCacheFolderOfTheSystem() throws IOException, InterruptedException {
        Result result = result(start(List.of(), CLASS_PATH, Map.of("XDG_CACHE_HOME", folder.toString())));
        assertThat(result.output).startsWith("loaded " + folder.resolve("sinew"));
    }

    @Test
    void noJarWithTheLibrary() throws IOException, InterruptedException {
        List<Path> without = new ArrayList<>();
        for (Path path : CLASS_PATH) {
            if (!path.toString().contains("natives")) {
                without.add(path);
            }
        }
        Result refused = result(start(List.of(), without, Map.of(), cache(folder)));
        assertThat(refused.status).isNotZero();
        assertThat(refused.output).contains("no native library for " + Platform.name(), "have none", "dev.sinew:sinew-natives-" + Platform.name());
    }

    @Test
    void aFolderWithoutTheLibrary() throws IOException, InterruptedException {
        Result refused = run(List.of(), "-Dsinew.native.path=" + folder);
        assertThat(refused.status).isNotZero();
        assertThat(refused.output).contains("-Dsinew.native.path=" + folder + " holds no library", System.mapLibraryName("sinew"));
        Files.writeString(folder.resolve(System.mapLibraryName("sinew")), "no library");
        assertThat(run(List.of(), "-Dsinew.native.path=" + folder).output).contains("could not be loaded", folder.toString());
    }
}

package dev.sinew.app;

import dev.sinew.app.playground.Playground;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sinew playground}. */
@Command(name = "playground", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        description = "Play with nets in the browser: points to classify, digits to draw, a photograph to paint. For this machine only, until Ctrl+C.")
final class PlaygroundCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--port", paramLabel = "N", defaultValue = "8731", description = "0: any that is free. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(names = "--no-browser", description = "Only print the address.")
    private boolean noBrowser;

    @Mixin
    private Threads threads;

    @Override
    public Integer call() throws Exception {
        if (port < 0 || port > 65_535) {
            throw new UserError("the port must be from 0 to 65535, not " + port);
        }
        threads.apply();
        try (Playground playground = start()) {
            PrintWriter out = spec.commandLine().getOut();
            out.println("The playground is at " + playground.address() + " for this machine; Ctrl+C ends it.");
            out.flush();
            if (!noBrowser) {
                open(playground.address());
            }
            new CountDownLatch(1).await();
        }
        return 0;
    }

    private Playground start() throws IOException {
        try {
            return Playground.start(port);
        } catch (BindException e) {
            throw new UserError("port " + port + " is taken (" + e.getMessage() + "): choose another by --port, or 0 for any", e);
        }
    }

    /** Asks the desktop; where there is none, the printed address is enough. */
    private static void open(String address) {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String[] command = system.contains("mac") ? new String[] {"open", address}
                : system.contains("win") ? new String[] {"rundll32", "url.dll,FileProtocolHandler", address} : new String[] {"xdg-open", address};
        try {
            new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        } catch (IOException e) {
            // no desktop
        }
    }
}

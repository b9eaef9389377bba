package dev.sinew.app;

import dev.sinew.bindings.NativeLibrary;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line. Exit codes: 0, 2 for something the user can put right, 1 for any other failure. */
@Command(name = "sinew", description = "Deep learning at the speed of the CPU.", mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class, synopsisSubcommandLabel = "COMMAND", usageHelpAutoWidth = true)
public final class Main implements Callable<Integer> {
    static final int FAILED = 1;
    static final int MISTAKE = 2;
    private static final List<String> COMMANDS = List.of("train", "eval", "predict", "export", "summary", "doctor", "bench", "reproduce",
            "playground");

    @Spec
    private CommandSpec spec;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show the stack trace of an error.")
    private boolean debug;

    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        if (namesCommand(args)) {
            Thread.ofPlatform().daemon().start(NativeLibrary::prepareCalls);
        }
        // pictures are drawn without a screen
        System.setProperty("java.awt.headless", "true");
        // no option is of their types, and they take long to load
        System.setProperty("picocli.converters.excludes", "java\\.(sql|time)\\..*");
        System.exit(run(System.out, System.err, args));
    }

    /** Runs a command; returns its exit code. */
    static int run(PrintStream out, PrintStream err, String... args) {
        Locale.setDefault(Locale.ROOT);
        Main main = new Main();
        CommandLine command = new CommandLine(main);
        // reading the annotations of all of them takes long
        for (String name : namesCommand(args) ? List.of(args[0]) : COMMANDS) {
            command.addSubcommand(name, type(name));
        }
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        command.setCaseInsensitiveEnumValuesAllowed(true);
        command.registerConverter(dev.sinew.Shape.class, new InputShape());
        command.registerConverter(Model.class, new Choice<>(Model.class, "model"));
        command.registerConverter(Workload.class, new Choice<>(Workload.class, "workload"));
        command.registerConverter(Data.class, new Choice<>(Data.class, "data set"));
        command.registerConverter(Recipe.Algorithm.class, new Choice<>(Recipe.Algorithm.class, "optimiser"));
        command.registerConverter(Recipe.Course.class, new Choice<>(Recipe.Course.class, "schedule"));
        command.setParameterExceptionHandler((e, unused) -> explainMistake(e));
        command.setExecutionExceptionHandler((e, failed, unused) -> explain(e, failed.getErr(), main.debug));
        try {
            return command.execute(args);
        } catch (StackOverflowError | OutOfMemoryError | LinkageError e) {
            return explain(e, command.getErr(), main.debug);
        }
    }

    private static boolean namesCommand(String[] args) {
        return args.length > 0 && COMMANDS.contains(args[0]);
    }

    private static Class<?> type(String command) {
        return switch (command) {
            case "train" -> TrainCommand.class;
            case "eval" -> EvalCommand.class;
            case "predict" -> PredictCommand.class;
            case "export" -> ExportCommand.class;
            case "summary" -> SummaryCommand.class;
            case "doctor" -> DoctorCommand.class;
            case "bench" -> BenchCommand.class;
            case "reproduce" -> ReproduceCommand.class;
            case "playground" -> PlaygroundCommand.class;
            default -> throw new IllegalArgumentException(command);
        };
    }

    /** Without a command. */
    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "which command? One of " + String.join(", ", spec.subcommands().keySet()));
    }

    private static int explainMistake(ParameterException e) {
        PrintWriter err = e.getCommandLine().getErr();
        String message = e.getMessage();
        // picocli wraps the message of a converter into one of its own
        Throwable cause = e.getCause();
        if (cause instanceof CommandLine.TypeConversionException && e.getArgSpec() != null) {
            String label = e.getArgSpec().isOption() ? ((CommandLine.Model.OptionSpec) e.getArgSpec()).longestName() : e.getArgSpec().paramLabel();
            message = label + ": " + cause.getMessage();
        }
        err.println("sinew: " + message);
        err.println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
        return MISTAKE;
    }

    static int explain(Throwable thrown, PrintWriter err, boolean debug) {
        Throwable e = thrown;
        while ((e instanceof java.io.UncheckedIOException || e instanceof ExceptionInInitializerError) && e.getCause() != null) {
            e = e.getCause();
        }
        boolean mistake = e instanceof UserError || e instanceof IllegalArgumentException || isAboutAFile(e);
        err.println("sinew: " + message(e));
        if (debug) {
            thrown.printStackTrace(err);
        } else if (!mistake && !(e instanceof Failure)) {
            err.println("--debug shows where it happened; 'sinew doctor' checks the installation.");
        }
        return mistake ? MISTAKE : FAILED;
    }

    private static boolean isAboutAFile(Throwable e) {
        return e instanceof dev.sinew.io.CorruptDataException || e instanceof FileNotFoundException || e instanceof NoSuchFileException
                || e instanceof AccessDeniedException || e instanceof NotDirectoryException || e instanceof FileAlreadyExistsException;
    }

    private static String message(Throwable e) {
        return switch (e) {
            case NoSuchFileException missing -> missing.getFile() + " does not exist";
            case AccessDeniedException denied -> denied.getFile() + ": access denied";
            case NotDirectoryException file -> file.getFile() + " is not a folder";
            case FileAlreadyExistsException there -> there.getFile() + " is there already and is not a folder";
            case OutOfMemoryError memory -> "out of memory: " + memory.getMessage();
            case UserError user -> user.getMessage();
            case Failure failure -> failure.getMessage();
            case IllegalArgumentException argument when argument.getMessage() != null -> argument.getMessage();
            case IOException io when io.getMessage() != null -> io.getMessage();
            case UnsatisfiedLinkError link -> link.getMessage();
            default -> e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
        };
    }

    /** This program's version. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** For {@code --version}. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"Sinew " + version() + ", Java " + Runtime.version()};
        }
    }
}

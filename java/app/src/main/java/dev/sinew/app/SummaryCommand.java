package dev.sinew.app;

import dev.sinew.Shape;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sinew summary}. */
@Command(name = "summary", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        description = "Print a net's layers with sizes, parameters, FLOPs and memory, each with its formula.")
final class SummaryCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Model model;

    @Option(names = "--input", paramLabel = "CxHxW", defaultValue = "1x28x28", description = "The shape of one image. Default: ${DEFAULT-VALUE}.")
    private Shape input;

    @Option(names = "--classes", paramLabel = "N", defaultValue = "10", description = "Default: ${DEFAULT-VALUE}.")
    private int classes;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "128",
            description = "Samples per training step, for the memory. Default: ${DEFAULT-VALUE}.")
    private long batch;

    @Override
    public Integer call() {
        if (batch < 1) {
            throw new UserError("--batch must be at least 1, not " + batch);
        }
        spec.commandLine().getOut().print(model.build(input, classes).architecture().summary(batch));
        spec.commandLine().getOut().flush();
        return 0;
    }
}

package dev.sinew.app;

import dev.sinew.Seed;
import dev.sinew.app.reproduce.Catalogue;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.app.reproduce.Runner;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sinew reproduce}. */
@Command(name = "reproduce", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        description = "Train the systems of the lecture decks, print each figure beside its target, and make a page of them.",
        exitCodeListHeading = "%nExit codes:%n", exitCodeList = {"0:all reach their targets", "1:at least one does not", "2:a mistake in the arguments"})
final class ReproduceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "ID", arity = "0..*", description = "Which ones, or 'all'; none: lists them.")
    private List<String> ids = List.of();

    @Option(names = "--quick", description = "Seconds for each instead of minutes or hours: smaller data, fewer epochs, targets to match.")
    private boolean quick;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "7", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--out", paramLabel = "FOLDER", defaultValue = "reproduce",
            description = "For the results and the page, index.html. What is there already is not run again. Default: ${DEFAULT-VALUE}.")
    private Path out;

    @Option(names = "--again", description = "Run also what is there already.")
    private boolean again;

    @Option(names = "--data", paramLabel = "NAME=FOLDER", description = "Where a data set is, such as mnist=FOLDER or cifar10=FOLDER.")
    private Map<String, Path> data = new LinkedHashMap<>();

    @Mixin
    private Threads threads;

    @Override
    public Integer call() throws Exception {
        PrintWriter lines = spec.commandLine().getOut();
        if (ids.isEmpty()) {
            Catalogue.all().forEach(system -> lines.printf("%-20s %s%n", system.id(), system.title()));
            return 0;
        }
        threads.apply();
        List<Reproduction> chosen = choose();
        PrintWriter err = spec.commandLine().getErr();
        Runner runner = new Runner(out, Seed.of(seed), quick, again, data, lines, words -> {
            err.println(words);
            err.flush();
        });
        boolean passed = runner.run(chosen);
        lines.println(out.resolve("index.html"));
        lines.flush();
        return passed ? 0 : Main.FAILED;
    }

    private List<Reproduction> choose() {
        List<Reproduction> chosen = new ArrayList<>();
        for (String id : ids) {
            if (id.equals("all")) {
                chosen.addAll(Catalogue.all());
            } else {
                chosen.add(Catalogue.all().stream().filter(system -> system.id().equals(id)).findFirst().orElseThrow(() -> new UserError(
                        "there is no reproduction '" + id + "'; choose from " + String.join(", ", Catalogue.all().stream().map(Reproduction::id).toList()))));
            }
        }
        return chosen.stream().distinct().toList();
    }
}

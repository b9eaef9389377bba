package dev.sinew.app;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.nn.Network;
import dev.sinew.onnx.OnnxExport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sinew export}. */
@Command(name = "export", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        description = "Write a trained net as an ONNX model, for batches of any size. It gives what the net gives before a softmax.")
final class ExportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Model model;

    @Option(names = "--data", paramLabel = "DATA", description = "What the weights must have been trained on. Default: whatever they say.")
    private Data data;

    @Option(names = "--weights", paramLabel = "FILE", required = true, description = "model.safetensors of 'sinew train'.")
    private Path weights;

    @Option(names = "--onnx", paramLabel = "OUT.onnx", required = true, description = "The file to write.")
    private Path file;

    @Option(names = "--opset", paramLabel = "N", defaultValue = "17",
            description = "The version of ONNX's operators, 13 to 17. Default: ${DEFAULT-VALUE}.")
    private int opset;

    @Override
    public Integer call() throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file)) {
            throw new UserError("--onnx: " + file + " must be a file in a folder that is there");
        }
        Map<String, String> metadata = SavedModel.metadata(weights);
        Data trained = SavedModel.data(weights, metadata);
        if (data != null && data != trained) {
            throw new UserError(weights + " was trained on " + trained + ", not on " + data);
        }
        List<String> names = SavedModel.classNames(weights, metadata);
        if (names.isEmpty()) {
            throw new UserError(weights + " names no classes");
        }
        Shape input = SavedModel.input(weights, metadata);
        try (Network network = model.build(input, names.size()).build(Seed.of(0))) {
            SavedModel.read(weights, network, model);
            OnnxExport.of(network).opset(opset).write(file);
            PrintWriter out = spec.commandLine().getOut();
            out.printf("%s: %s, opset %d, pixels scaled like those of %s%n", file, Files.size(file) + " bytes", opset, trained);
            out.printf("input \"%s\" [N, %s], output \"%s\" [N, %d]%n", network.architecture().inputs().keySet().iterator().next(),
                    InputShape.text(input).replace("x", ", "), network.architecture().outputs().keySet().iterator().next(), names.size());
            out.flush();
        }
        return 0;
    }
}

package dev.sinew.app;

import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.data.transform.Draw;
import dev.sinew.data.transform.Resize;
import dev.sinew.files.Picture;
import dev.sinew.io.CorruptDataException;
import dev.sinew.nn.Network;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sinew predict}. */
@Command(name = "predict", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        description = "Tell what images show: each is made square and of the net's size first, like the training data; grey for nets that were trained on grey images.")
final class PredictCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "MODEL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Model model;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "PNG, JPEG, GIF or BMP files.")
    private List<Path> images;

    @Option(names = "--weights", paramLabel = "FILE", required = true, description = "model.safetensors of 'sinew train'.")
    private Path weights;

    @Option(names = "--top", paramLabel = "K", defaultValue = "3", description = "How many classes to print. Default: ${DEFAULT-VALUE}.")
    private int top;

    @Option(names = "--invert", negatable = true,
            description = "The image is dark on light (or is not), the training data being light on dark. Default: by the image's rim; no for colours.")
    private Boolean invert;

    @Mixin
    private Threads threads;

    @Override
    public Integer call() throws IOException {
        if (top < 1) {
            throw new UserError("--top must be at least 1, not " + top);
        }
        threads.apply();
        Map<String, String> metadata = SavedModel.metadata(weights);
        Data data = SavedModel.data(weights, metadata);
        List<String> names = SavedModel.classNames(weights, metadata);
        if (names.isEmpty()) {
            throw new UserError(weights + " names no classes");
        }
        Shape input = SavedModel.input(weights, metadata);
        try (Network network = model.build(input, names.size()).build(Seed.of(0))) {
            SavedModel.read(weights, network, model);
            for (Path image : images) {
                print(image, probabilities(network, data, read(image, input)), names);
            }
        }
        return 0;
    }

    private static Picture read(Path image, Shape input) throws IOException {
        try {
            return Picture.read(image, input.dim(0) == 1 ? Picture.Channels.GREY : Picture.Channels.RGB);
        } catch (CorruptDataException e) {
            throw new UserError(e.getMessage(), e);
        }
    }

    private float[] probabilities(Network network, Data data, Picture image) {
        Shape input = network.architecture().input();
        boolean colour = input.dim(0) > 1;
        boolean dark = invert != null ? invert : !colour && image.isDarkOnLight();
        Picture.Fit fit = data == Data.FOLDER ? Picture.Fit.CROP : Picture.Fit.PAD;
        Picture fitted = (dark ? image.inverted() : image).fitted(Resize.to((int) input.dim(1), (int) input.dim(2)), fit);
        float[] pixels = data.scale().apply(fitted.values().clone(), input, Draw.of(Seed.of(0), 0));
        try (var _ = Scope.open()) {
            return network.predict(Tensor.of(pixels, input.withFirst(1).dims())).softmax().toFloats();
        }
    }

    private void print(Path image, float[] probabilities, List<String> names) {
        PrintWriter out = spec.commandLine().getOut();
        List<Integer> order = IntStream.range(0, probabilities.length).boxed()
                .sorted((a, b) -> Float.compare(probabilities[b], probabilities[a])).toList();
        StringBuilder line = new StringBuilder(image + ":");
        for (int c : order.subList(0, Math.min(top, order.size()))) {
            line.append(String.format("  %s %.1f %%", names.get(c), 100 * probabilities[c]));
        }
        out.println(line);
        out.flush();
    }
}

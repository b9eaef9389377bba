package dev.sinew.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import dev.sinew.NativeMemory;
import dev.sinew.Seed;
import dev.sinew.functional.Activations;
import dev.sinew.functional.Normalization.ResponseForm;
import dev.sinew.functional.PadMode;
import dev.sinew.functional.Resampling;
import dev.sinew.functional.Window;
import dev.sinew.nn.ActivationLayers;
import dev.sinew.nn.AdaptivePool;
import dev.sinew.nn.AlphaDrop;
import dev.sinew.nn.AvgPool;
import dev.sinew.nn.ContrastNormalize;
import dev.sinew.nn.Conv;
import dev.sinew.nn.ConvTransposed;
import dev.sinew.nn.Dense;
import dev.sinew.nn.Drop;
import dev.sinew.nn.DropChannels;
import dev.sinew.nn.Elementwise;
import dev.sinew.nn.Embedding;
import dev.sinew.nn.Flatten;
import dev.sinew.nn.GlobalAvgPool;
import dev.sinew.nn.GlobalMaxPool;
import dev.sinew.nn.Glu;
import dev.sinew.nn.GroupNormalize;
import dev.sinew.nn.InstanceNormalize;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Join;
import dev.sinew.nn.LastStep;
import dev.sinew.nn.Layer;
import dev.sinew.nn.LayerNorm;
import dev.sinew.nn.Linear;
import dev.sinew.nn.LpPool;
import dev.sinew.nn.MaxPool;
import dev.sinew.nn.MaxUnpool;
import dev.sinew.nn.Maxout;
import dev.sinew.nn.Network;
import dev.sinew.nn.Normalize;
import dev.sinew.nn.PRelu;
import dev.sinew.nn.Pad;
import dev.sinew.nn.PixelShuffle;
import dev.sinew.nn.Positions;
import dev.sinew.nn.RecurrentLayer;
import dev.sinew.nn.Residual;
import dev.sinew.nn.ResponseNormalize;
import dev.sinew.nn.SelfAttention;
import dev.sinew.nn.StochasticPool;
import dev.sinew.nn.TransformerLayer;
import dev.sinew.nn.Upsample;
import dev.sinew.nn.Value;
import dev.sinew.op.Unary;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer is exported, and is the same in ONNX Runtime and when it is read back. */
class LayerExportTest {
    private static long liveBefore;

    @BeforeAll
    static void remember() {
        liveBefore = NativeMemory.liveBytes();
    }

    /** What is left to the collector must not vanish in the middle of a test that counts. */
    @AfterAll
    static void collect() throws InterruptedException {
        for (int i = 0; i < 40 && NativeMemory.liveBytes() > liveBefore; i++) {
            System.gc();
            Thread.sleep(50);
        }
        assertThat(NativeMemory.liveBytes()).isLessThanOrEqualTo(liveBefore);
    }

    /** Layers that ONNX does not have, and why. */
    private static final Map<String, String> WITHOUT = Map.of();

    /** A layer and samples for it. */
    private record Case(Layer layer, long[]... samples) {
        @Override
        public String toString() {
            return layer.toString();
        }
    }

    private static Case of(Layer layer, long... sample) {
        return new Case(layer, sample);
    }

    static Stream<Case> cases() {
        long[] line = {4, 13};
        long[] image = {4, 9, 11};
        long[] volume = {2, 5, 6, 7};
        long[] steps = {7, 6};
        List<Case> all = new ArrayList<>(List.of(
                of(Dense.of(5), image), of(Linear.of(5), steps), of(Linear.of(5).noBias(), image), of(new Flatten(), image),
                of(Conv.of1d(6, 3), line), of(Conv.of3d(3, 2), volume), of(ConvTransposed.of(3, 3), image),
                of(ConvTransposed.of1d(3, 2), line), of(ConvTransposed.of3d(3, 2), volume), of(Normalize.standard(), image),
                of(Normalize.standard(), 5), of(GroupNormalize.of(2), image), of(GroupNormalize.of(2), line),
                of(GroupNormalize.of(4), image), of(GroupNormalize.of(1), volume), of(GroupNormalize.of(3), 12),
                of(InstanceNormalize.standard(), image), of(InstanceNormalize.standard().withAffine(), volume), of(LayerNorm.last(), steps),
                of(LayerNorm.all(), image), of(LayerNorm.rootMeanSquare(), steps), of(new LayerNorm(2, 1e-3, false, false), image),
                of(ResponseNormalize.of(3), image), of(ResponseNormalize.alexNet(), image),
                of(new ResponseNormalize(2, 0.1, 0.75, 2, ResponseForm.SUM), line), of(ContrastNormalize.standard(), image),
                of(new ContrastNormalize(5, 1.2, true, false), image), of(PRelu.one(), image), of(PRelu.each(), line),
                of(new Elementwise(Unary.of(Unary.Kind.MISH)), line), of(ActivationLayers.celu(0.7), line), of(new Glu(), image),
                of(new Maxout(2), image), of(PixelShuffle.of(2), image), of(PixelShuffle.inverse(3), 4, 9, 12), of(new Drop(0.4), image),
                of(new DropChannels(0.4), image), of(AlphaDrop.of(0.4), image), of(MaxPool.of(2), image),
                of(MaxPool.of(Window.of(3).stride(2).pad(1)), line), of(MaxPool.of(Window.of(2, 3, 2).stride(2, 2, 1)), volume),
                of(AvgPool.of(2), image), of(AvgPool.of(Window.of(3).stride(2).pad(1)), line),
                of(AvgPool.of(Window.of(2, 3, 2).stride(2, 2, 1)), volume), of(LpPool.of(2, 2), image),
                of(new LpPool(3, Window.of(2, 2).stride(3, 2), true), image), of(StochasticPool.of(2), image),
                of(new GlobalAvgPool(), image), of(new GlobalMaxPool(), image), of(AdaptivePool.average(2, 3), image),
                of(AdaptivePool.max(4, 3), image), of(AdaptivePool.average(5), line), of(AdaptivePool.max(2, 2, 3), volume),
                of(RecurrentLayer.lstm(5), steps), of(RecurrentLayer.gru(5).returningSequences(), steps),
                of(RecurrentLayer.rnn(4).bidirectional().layers(2), steps), of(SelfAttention.of(2), steps),
                of(SelfAttention.of(3).seeingThePast(), steps), of(new Positions(), steps), of(TransformerLayer.of(2, 9), steps),
                of(new TransformerLayer(3, 8, true, true, true, 0.1), steps),
                of(new Residual(List.of(Conv.of(4, 3).pad(1), Normalize.standard()), List.of()), image)));
        for (PadMode mode : PadMode.values()) {
            all.add(of(Pad.of(mode, 2), image));
            all.add(of(new Conv(3, Window.of(3, 3).pad(1, 1), mode, 1, true, Initializer.standard()), image));
        }
        for (Resampling.Mode mode : Resampling.Mode.values()) {
            all.add(of(Upsample.by(mode, 2, 2), image));
            all.add(of(Upsample.to(mode, 5, 14), image));
        }
        all.add(of(Upsample.by(Resampling.Mode.LINEAR, 2, 1.5).aligned(), image));
        all.add(new Case(Join.concat(1), image, image));
        all.add(new Case(Join.add(), image, image, image));
        all.add(new Case(Join.multiply().broadcast(), image, new long[] {4, 1, 1}));
        all.add(new Case(Join.of("difference", in -> in.get(0).sub(in.get(1))), line, line));
        all.add(new Case(MaxUnpool.of(2), new long[] {4, 4, 5}, new long[] {4, 8, 10}));
        all.add(new Case(new MaxUnpool(Window.of(2, 2, 3).stride(2, 1, 3)), new long[] {2, 2, 5, 2}, volume));
        all.add(of(LastStep.bidirectional(), steps));
        long[] length = {};
        all.add(new Case(LastStep.forwards(), steps, length));
        all.add(new Case(RecurrentLayer.lstm(5).bidirectional().returningSequences(), steps, length));
        all.add(new Case(RecurrentLayer.gru(4), steps, length));
        all.add(of(Embedding.of(10, 4), 6));
        all.add(of(Embedding.of(10, 4).padding(2), 3, 2));
        return all.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void layersAreTheSameElsewhere(Case one) throws OrtException {
        var graph = Network.graph();
        Value[] inputs = Stream.of(one.samples).map(graph::input).toArray(Value[]::new);
        if (one.layer instanceof Embedding) {
            // inputs are normally distributed: ids of them
            inputs[0] = inputs[0].layer(new ExportTest.Of(x -> Activations.clamp(x.abs().mul(4), 0, 9)));
        }
        if (inputs.length == 2 && one.samples[1].length == 0) {
            // numbers of steps
            inputs[1] = inputs[1].layer(new ExportTest.Of(x -> Activations.clamp(x.abs().mul(4).add(1), 1, one.samples[0][0])));
        }
        if (one.layer instanceof StochasticPool) {
            inputs[0] = inputs[0].layer(ActivationLayers.softplus());
        }
        graph.output(graph.layer(one.layer, inputs));
        try (Network net = graph.build(Seed.of(4))) {
            ExportTest.unlikeNew(net);
            ExportTest.check(net, 1, 2, 3);
        }
    }

    @Test
    void noLayerIsForgotten() throws IOException, URISyntaxException {
        Set<String> tested = cases().map(one -> one.layer.getClass().getName()).collect(Collectors.toCollection(TreeSet::new));
        Set<String> expected = new TreeSet<>();
        for (Class<?> type : classesBeside(Layer.class)) {
            if (Layer.class.isAssignableFrom(type) && !type.isInterface()) {
                expected.add(type.getName());
            }
        }
        assertThat(expected).contains(Conv.class.getName(), MaxUnpool.class.getName()).containsAll(WITHOUT.keySet());
        expected.removeAll(WITHOUT.keySet());
        assertThat(tested).containsAll(expected);
    }

    /** All classes of a package, in a folder or an archive. */
    private static List<Class<?>> classesBeside(Class<?> one) throws IOException, URISyntaxException {
        URI place = Objects.requireNonNull(one.getResource(one.getSimpleName() + ".class")).toURI();
        if (!place.getScheme().equals("jar")) {
            return classesIn(Path.of(place).getParent(), one);
        }
        try (FileSystem archive = FileSystems.newFileSystem(place, Map.of())) {
            return classesIn(archive.getPath(one.getPackageName().replace('.', '/')), one);
        }
    }

    private static List<Class<?>> classesIn(Path folder, Class<?> one) throws IOException {
        List<Class<?>> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".class")) {
                    String binary = one.getPackageName() + "." + name.substring(0, name.length() - ".class".length());
                    all.add(Class.forName(binary, false, one.getClassLoader()));
                }
            }
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
        return all;
    }
}

package dev.sinew.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.nn.Network;
import dev.sinew.onnx.OnnxModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command writes the net that was trained. */
class ExportCommandTest {
    @TempDir
    private Path folder;

    private Path weights(Network net) throws Exception {
        Path file = folder.resolve("model.safetensors");
        SavedModel.write(file, net, Model.MLP, Data.MNIST, IntStream.range(0, 10).mapToObj(Integer::toString).toList());
        return file;
    }

    @Test
    void theModelGivesWhatTheNetGives() throws Exception {
        Shape input = Shape.of(1, 28, 28);
        Path onnx = folder.resolve("net.onnx");
        try (var _ = Scope.open(); Network net = Model.MLP.build(input, 10).build(Seed.of(5))) {
            Cli cli = Cli.run("export", "mlp", "--data", "mnist", "--weights", weights(net), "--onnx", onnx, "--opset", "15");
            assertThat(cli.err()).isEmpty();
            assertThat(cli.code()).isZero();
            assertThat(cli.out()).anyMatch(line -> line.contains("opset 15"))
                    .contains("input \"input\" [N, 1, 28, 28], output \"output\" [N, 10]");
            Tensor x = Tensor.normal(input.withFirst(3), 0, 1, 4);
            try (OnnxModel model = OnnxModel.load(onnx)) {
                assertThat(model.run(Map.of("input", x)).get("output").toFloats()).containsExactly(net.predict(x).toFloats());
            }
        }
    }

    @Test
    void mistakes() throws Exception {
        Path onnx = folder.resolve("net.onnx");
        try (Network net = Model.MLP.build(Shape.of(1, 28, 28), 10).build(Seed.of(5))) {
            Path weights = weights(net);
            Path nowhere = folder.resolve("no/net.onnx");
            for (List<Object> wrong : List.<List<Object>>of(
                    List.of("cnn", "--weights", weights, "--onnx", onnx, "holds weights of mlp, not of cnn"),
                    List.of("mlp", "--weights", weights, "--onnx", nowhere, "must be a file in a folder that is there"),
                    List.of("mlp", "--data", "digits", "--weights", weights, "--onnx", onnx, "was trained on mnist, not on digits"),
                    List.of("mlp", "--weights", weights, "--onnx", onnx, "--opset", "9", "the opset must be from 13 to 17, not 9"),
                    List.of("mlp", "--weights", folder.resolve("none"), "--onnx", onnx, "none does not exist"))) {
                List<Object> words = new ArrayList<>(wrong.subList(0, wrong.size() - 1));
                words.addFirst("export");
                Cli cli = Cli.run(words.toArray());
                assertThat(cli.err()).contains(wrong.getLast().toString());
                assertThat(cli.code()).isEqualTo(2);
                assertThat(Files.exists(onnx)).isFalse();
            }
        }
    }
}

package dev.sinew.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user does wrong is told in one sentence, with exit code 2. */
class CommandLineTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                               | which command? One of train, eval, predict, export, summary, doctor, bench
            dance                                            | 'dance'
            train                                            | Missing required
            train mlp                                        | --data
            train foo --data digits                          | there is no model 'foo'; choose one of softmax, mlp, lenet5, cnn, resnet20
            train mlp --data imagenet                        | --data: there is no data set 'imagenet'; choose one of digits, fashion-mnist, mnist
            train mlp --data digits --lr NaN                 | the learning rate must be finite and not negative, not NaN
            train mlp --data digits --lr -1                  | the learning rate must be finite and not negative, not -1.0
            train mlp --data digits --lr fast                | --lr: 'fast' is not a double
            train mlp --data digits --epochs 0               | the number of epochs must be at least 1, not 0
            train mlp --data digits --batch 0                | the batch size must be at least 1, not 0
            train mlp --data digits --batch 10000000000      | --batch
            train mlp --data digits --weight-decay -1        | weightDecay
            train mlp --data digits --label-smoothing 1.5    | smoothing must be from 0 to 1
            train mlp --data digits --warmup -3              | warm-up
            train mlp --data digits --validation 1           | --validation must be from 0 up to 1
            train mlp --data digits --validation 0 --early-stopping 3 | early stopping needs validation data
            train mlp --data digits --early-stopping 0       | the patience must be at least 1 epoch
            train mlp --data digits --optimizer magic        | --optimizer: there is no optimiser 'magic'; choose one of sgd, momentum, nesterov
            train mlp --data digits --schedule none          | --schedule: there is no schedule 'none'
            train mlp --data digits --threads 0              | the number of threads must be from 1 to 256, not 0
            train mlp --data digits --seed x                 | --seed
            train mlp --data digits --checkpoint-every -1    | the interval must not be negative
            train mlp --data digits --resume nowhere         | there is no file nowhere
            train mlp --data mnist                           | --data-dir
            train mlp --data mnist --data-dir nowhere        | nowhere is not a folder
            train mlp --data digits --frobnicate             | '--frobnicate'
            eval mlp --data digits                           | --weights
            eval mlp --data digits --weights nowhere         | nowhere does not exist
            predict mlp --weights nowhere a.png              | nowhere does not exist
            predict mlp --weights nowhere                    | IMAGE
            summary resnet20 --input 28x28                   | --input: '28x28' is not CHANNELSxHEIGHTxWIDTH
            summary resnet20 --input 0x28x28                 | every size must be at least 1
            summary lenet5 --batch 0                         | --batch must be at least 1
            bench nothing                                    | there is no workload 'nothing'
            bench xor --seconds NaN                          | --seconds
            """)
    void mistakes(String command, String message) {
        Cli cli = Cli.run(words(command + (command.startsWith("train") ? " --out " + folder : "")));
        assertThat(cli.err()).contains(message).doesNotContain("\tat ");
        assertThat(cli.err().lines().count()).isLessThanOrEqualTo(2);
        assertThat(cli.code()).isEqualTo(2);
    }

    private static Object[] words(String command) {
        return command.isBlank() ? new Object[0] : command.strip().split(" +");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000", "12345678 this is not a safetensors file"})
    void damagedFiles(String content) throws Exception {
        Path file = Files.writeString(folder.resolve("damaged"), content);
        for (Cli cli : List.of(Cli.run("eval", "mlp", "--data", "digits", "--weights", file),
                Cli.run("predict", "mlp", "--weights", file, file),
                Cli.run("train", "mlp", "--data", "digits", "--out", folder, "--resume", file))) {
            assertThat(cli.err()).contains("damaged").contains("expected");
            assertThat(cli.code()).isEqualTo(2);
        }
    }

    @Test
    void aFolderThatCannotBeMade() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        Cli cli = Cli.run("train", "softmax", "--data", "digits", "--out", file.resolve("below"));
        assertThat(cli.err()).contains("--out").contains("cannot be made");
        assertThat(cli.code()).isEqualTo(2);
    }

    @Test
    void aTrainingThatDivergesIsAFailure() {
        Cli cli = Cli.run("train", "mlp", "--data", "digits", "--lr", "1e30", "--optimizer", "sgd", "--out", folder);
        assertThat(cli.err()).contains("diverged").contains("--lr").doesNotContain("\tat ");
        assertThat(cli.code()).isEqualTo(1);
    }

    @Test
    void debugShowsTheStackTrace() {
        assertThat(Cli.run("eval", "mlp", "--data", "digits", "--weights", "nowhere", "--debug").err()).contains("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "train --help", "eval --help", "predict --help", "export --help", "summary --help", "doctor --help", "bench --help", "--version"})
    void help(String command) {
        Cli cli = Cli.run(words(command));
        assertThat(cli.code()).isZero();
        assertThat(cli.err()).isEmpty();
        assertThat(cli.out()).isNotEmpty().noneMatch(line -> line.contains("COMPLETION-CANDIDATES") || line.contains("DEFAULT-VALUE"));
    }

    @Test
    void summary() {
        Cli cli = Cli.run("summary", "mlp", "--input", "1x28x28");
        assertThat(cli.code()).isZero();
        assertThat(String.join("\n", cli.out())).contains("(784 + 1) * 512").contains("401,920").contains("262,656").contains("5,130")
                .contains("669,706 trainable").contains("planned memory");
    }

    @Test
    void doctor() {
        Cli cli = Cli.run("doctor");
        assertThat(cli.out()).anyMatch(line -> line.startsWith("active ISA")).anyMatch(line -> line.startsWith("OpenBLAS core"))
                .anyMatch(line -> line.startsWith("native library")).anyMatch(line -> line.startsWith("self-test"))
                .anyMatch(line -> line.matches("caches +L1 .+, L2 .+, L3 .+; pages of [0-9]+ [KM]iB"));
        assertThat(cli.fromEnd(1)).isEqualTo("Everything works.");
        assertThat(cli.code()).isZero();
    }

    /** A command that is named first is the only one that is set up. */
    @ParameterizedTest
    @ValueSource(strings = {"train", "eval", "predict", "export", "summary", "doctor", "bench", "reproduce", "playground"})
    void commandsAreTheSameAloneAndAmongAll(String name) {
        Cli alone = Cli.run(name, "--help");
        assertThat(alone.out().getFirst()).startsWith("Usage: sinew " + name);
        assertThat(alone).isEqualTo(Cli.run("--debug", name, "--help"));
        assertThat(Cli.run("--help").out()).anyMatch(line -> line.startsWith("  " + name + " "));
    }

    @Test
    void bench() {
        Cli cli = Cli.run("bench", "xor", "--tsv", "--seconds", "0.02");
        assertThat(cli.code()).isZero();
        assertThat(cli.out()).hasSize(6).allMatch(line -> line.matches("xor\tsinew\t(steps_s|step_us|infer_us)_t[12]\t[0-9.]+"));
        List<String> table = Cli.run("bench", "xor", "--seconds", "0.02").out();
        assertThat(table.getFirst()).matches(".*, [0-9]+ threads?: multiply-adds [0-9]+ GFLOP/s, copy [0-9.]+ GB/s");
        assertThat(table.get(2).strip().split(" {2,}")).containsExactly("workload", "what", "ms", "samples/s", "GFLOP/s", "of peak");
        assertThat(table.subList(3, table.size())).hasSize(4)
                .allMatch(line -> line.matches("xor +(training step|inference) of 4, [12] threads? +[0-9.]+ +[0-9,]+ +[0-9.]+ +[0-9.]+ %"));
    }

    @Test
    void benchOfANetTellsWhenItsFirstStepWasDone() {
        List<String> lines = Cli.run("bench", "resnet20", "mlp", "--tsv", "--seconds", "0.02").out();
        assertThat(lines.getFirst()).matches("resnet20\tsinew\tfirst_step_ms\t[0-9.]+");
        assertThat(lines.subList(1, lines.size())).hasSize(12).noneMatch(line -> line.contains("first_step_ms"))
                .allMatch(line -> line.matches("(resnet20|mlp)\tsinew\t(train|infer_b(1|128))_(ms|samples_s)\t[0-9.]+"));
    }
}
